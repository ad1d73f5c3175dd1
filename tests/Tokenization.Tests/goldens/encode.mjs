// node encode.mjs <tokenizer.json> <strings.json> <answers.json>: what npm @huggingface/tokenizers makes of every string:
// its ids, its ids with the training's markers around them, and the text that the ids decode to.
import fs from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";

const [tokenizerFile, stringsFile, answersFile] = process.argv.slice(2);
const tokenizer = new Tokenizer(JSON.parse(fs.readFileSync(tokenizerFile, "utf8")), {});
const answers = JSON.parse(fs.readFileSync(stringsFile, "utf8")).map((text) => {
  const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const marked = tokenizer.encode(text, { add_special_tokens: true }).ids;
  const decoded = ids.length === 0 ? "" : tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  return [ids, marked, decoded];
});
fs.writeFileSync(answersFile, JSON.stringify(answers));
