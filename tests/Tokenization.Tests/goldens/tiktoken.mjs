// node tiktoken.mjs <encoding> <rank file> <strings.json> <answers.json>: writes the encoding's ranks as a tiktoken file, and what npm tiktoken (the
// library itself, as WebAssembly) makes of every string: its ids with special tokens, its ids without, and the bytes of the first as hex.
import fs from "node:fs";
import { createRequire } from "node:module";
import { Tiktoken } from "tiktoken/lite";

const [name, rankFile, stringsFile, answersFile] = process.argv.slice(2);
const encoding = createRequire(import.meta.url)(`tiktoken/encoders/${name}.json`);
const tokenizer = new Tiktoken(encoding.bpe_ranks, encoding.special_tokens, encoding.pat_str);

// Each line of the package's form is "! first-rank token token …".
const lines = encoding.bpe_ranks.split("\n").filter(Boolean).flatMap((line) => {
  const [, first, ...tokens] = line.split(" ");
  return tokens.map((token, i) => `${token} ${Number(first) + i}\n`);
});
fs.writeFileSync(rankFile, lines.join(""));
const answers = JSON.parse(fs.readFileSync(stringsFile, "utf8")).map((text) => {
  const ids = [...tokenizer.encode(text, "all")];
  return [ids, [...tokenizer.encode_ordinary(text)], Buffer.from(tokenizer.decode(new Uint32Array(ids))).toString("hex")];
});
fs.writeFileSync(answersFile, JSON.stringify({ answers, specials: encoding.special_tokens }));
