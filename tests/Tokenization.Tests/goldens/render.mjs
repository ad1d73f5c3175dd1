// node render.mjs <cases.json> <answers.json>: [{ template, variables }] rendered by npm @huggingface/jinja; an answer is { text } or { error }.
import fs from "node:fs";
import { Template } from "@huggingface/jinja";

const [casesFile, answersFile] = process.argv.slice(2);
const answers = JSON.parse(fs.readFileSync(casesFile, "utf8")).map(({ template, variables }) => {
  try {
    return { text: new Template(template).render(variables) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
});
fs.writeFileSync(answersFile, JSON.stringify(answers));
