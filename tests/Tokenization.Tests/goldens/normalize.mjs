// node normalize.mjs <strings.json> <answers.json>: each string in the forms NFC, NFD, NFKC and NFKD.
import fs from "node:fs";

const [stringsFile, answersFile] = process.argv.slice(2);
const forms = ["NFC", "NFD", "NFKC", "NFKD"];
fs.writeFileSync(answersFile, JSON.stringify(JSON.parse(fs.readFileSync(stringsFile, "utf8")).map((text) => forms.map((form) => text.normalize(form)))));
