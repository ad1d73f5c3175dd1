// Writes ../data/*.tokenizer.json: small vocabularies in the exact form of the families' published files
// (normalizer, pre-tokenizer, post-processor, decoder, added-token flags).   node make-tokenizers.mjs
import fs from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { corpus } from "./corpus.mjs";
import { countWords, learnBpe, learnPieces } from "./train.mjs";

const out = new URL("../data/", import.meta.url);
fs.mkdirSync(out, { recursive: true });

const base = { version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
const token = (id, content, flags = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...flags });
const regexSplit = (Regex, behavior = "Isolated", invert = false) => ({ type: "Split", pattern: { Regex }, behavior, invert });
const byteLevel = (flags = {}) => ({ type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true, ...flags });
const template = (before, after = []) => ({
  type: "TemplateProcessing",
  single: [...before.map(([id]) => ({ SpecialToken: { id, type_id: 0 } })), { Sequence: { id: "A", type_id: 0 } }, ...after.map(([id]) => ({ SpecialToken: { id, type_id: 0 } }))],
  pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
  special_tokens: Object.fromEntries([...before, ...after].map(([content, id]) => [content, { id: content, ids: [id], tokens: [content] }])),
});

// The pieces that a configuration makes of the corpus.
function piecesOf(config) {
  const probe = new Tokenizer({ ...base, ...config, post_processor: null, model: { type: "BPE", vocab: { a: 0 }, merges: [] } }, {});
  return corpus.flatMap((line) => {
    const text = probe.normalizer ? probe.normalizer(line) : line;
    return probe.pre_tokenizer ? probe.pre_tokenizer(text, { section_index: 0 }) : [text];
  });
}

function write(name, json) {
  fs.writeFileSync(new URL(`${name}.tokenizer.json`, out), JSON.stringify({ ...base, ...json }, null, 0) + "\n");
}

const byteAlphabet = (() => {
  const printable = (b) => (b >= 33 && b <= 126) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
})();

function byteLevelBpe(name, config, { added, firstAdded = null, pairs = true, ...modelFlags }) {
  const merges = learnBpe(countWords(piecesOf(config)), 700);
  const tokens = [...byteAlphabet.slice().sort(), ...merges.map((m) => m.join(""))];
  const vocab = Object.fromEntries([...new Set(tokens)].map((t, i) => [t, i]));
  const first = Object.keys(vocab).length;
  write(name, {
    added_tokens: added.map(([content, flags], i) => token(first + i, content, flags)),
    decoder: byteLevel(),
    ...config,
    post_processor: typeof config.post_processor === "function" ? config.post_processor(first) : (config.post_processor ?? byteLevel()),
    model: { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ...modelFlags, vocab, merges: pairs ? merges : merges.map((m) => m.join(" ")) },
  });
}

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
byteLevelBpe("gpt2", { pre_tokenizer: byteLevel() }, { added: [["<|endoftext|>", { normalized: true }]], pairs: false });
byteLevelBpe("llama3", {
  pre_tokenizer: { type: "Sequence", pretokenizers: [
    regexSplit(`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`), byteLevel({ use_regex: false })] },
  post_processor: (first) => ({ type: "Sequence", processors: [byteLevel(), template([["<|begin_of_text|>", first]])] }),
}, { added: [["<|begin_of_text|>"], ["<|end_of_text|>"], ["<|start_header_id|>"], ["<|end_header_id|>"], ["<|eot_id|>"]], ignore_merges: true });
byteLevelBpe("o200k", {
  pre_tokenizer: { type: "Sequence", pretokenizers: [
    regexSplit([
      `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contractions}?`,
      `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contractions}?`,
      "\\p{N}{1,3}", " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*", "\\s*[\\r\\n]+", "\\s+(?!\\S)", "\\s+"].join("|")), byteLevel({ use_regex: false })] },
}, { added: [["<|endoftext|>"], ["<|start|>"], ["<|end|>"], ["<|message|>"], ["<|channel|>"]] });
byteLevelBpe("deepseek", {
  normalizer: { type: "Sequence", normalizers: [] },
  pre_tokenizer: { type: "Sequence", pretokenizers: [
    regexSplit("\\p{N}{1,3}"), regexSplit("[一-龥\u3040-ゟ゠-ヿ]+"),
    regexSplit("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
    byteLevel({ use_regex: false })] },
}, { added: [["<｜begin▁of▁sentence｜>"], ["<｜end▁of▁sentence｜>"], ["<｜User｜>", { special: false }], ["<｜Assistant｜>", { special: false }]], pairs: false });
byteLevelBpe("qwen2", {
  normalizer: { type: "NFC" },
  pre_tokenizer: { type: "Sequence", pretokenizers: [
    regexSplit(`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`), byteLevel({ trim_offsets: false, use_regex: false })] },
}, { added: [["<|endoftext|>"], ["<|im_start|>"], ["<|im_end|>"], ["<tool_call>", { special: false }], ["</tool_call>", { special: false }], ["<think>", { special: false }]], pairs: false });

function sentencePieceBpe(name, config, { added = [], wordsOf = piecesOf(config), before = [["<unk>"], ["<s>"], ["</s>"]] }) {
  const words = countWords(wordsOf.flatMap((text) => text.split(/(?=\u2581)/)));
  const merges = learnBpe(words, 600);
  const chars = [...new Set([...words.keys()].flatMap((word) => Array.from(word)))].sort();
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
  // Some characters are left to their bytes, as rare ones are in the real files.
  const kept = chars.filter((c, i) => i % 7 !== 3 || c <= "~" || c === "\u2581" || merges.some((m) => m.includes(c)));
  const vocab = Object.fromEntries([...before.map(([content]) => content), ...bytes, ...new Set([...merges.map((m) => m.join("")), ...kept])].map((t, i) => [t, i]));
  const first = Object.keys(vocab).length;
  write(name, {
    added_tokens: [...before.map(([content, flags], i) => token(i, content, flags)), ...added.map(([content, flags], i) => token(first + i, content, flags))],
    decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "\u2581" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] },
    ...config,
    model: { type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges: merges.map((m) => m.join(" ")) },
  });
}

const llama2Normalizer = { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "\u2581" }, { type: "Replace", pattern: { String: " " }, content: "\u2581" }] };
sentencePieceBpe("llama2", { normalizer: llama2Normalizer, post_processor: template([["<s>", 1]]) }, {});
sentencePieceBpe("phi3", { normalizer: llama2Normalizer, post_processor: template([["<s>", 1]]) }, {
  before: [["<unk>"], ["<s>"], ["</s>", { rstrip: true, special: false }]],
  added: [["<|endoftext|>"], ["<|assistant|>", { rstrip: true }], ["<|system|>", { rstrip: true }], ["<|end|>", { rstrip: true }], ["<|user|>", { rstrip: true }]] });
sentencePieceBpe("mistral", { pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "first", split: false }, post_processor: template([["<s>", 1]]) }, {
  added: [["[INST]"], ["[/INST]"], ["[TOOL_CALLS]"], ["[AVAILABLE_TOOLS]"], ["[/AVAILABLE_TOOLS]"]] });
sentencePieceBpe("gemma", {
  normalizer: { type: "Replace", pattern: { String: " " }, content: "\u2581" },
  pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
  post_processor: template([["<bos>", 2]]),
  decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "\u2581" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }] },
}, { before: [["<pad>"], ["<eos>"], ["<bos>"], ["<unk>"]], added: [["<start_of_turn>"], ["<end_of_turn>"], ["\n\n", { special: false }], ["\n\n\n", { special: false }], ["<unused0>", { special: false }]] });

function unigram(name, config, { specials, after }) {
  const words = countWords(piecesOf(config).flatMap((text) => text.split(/(?=\u2581)/)));
  const { singles, longer, total } = learnPieces(words, 900, 7);
  // Multiples of 2^-10, so that sums are exact: which of two equal segmentations wins must not depend on rounding.
  const score = (x) => Math.round(Math.log(x.count / total) * 1024) / 1024;
  const vocab = [...specials.map((s) => [s, 0]), ...longer.map((x) => [x.piece, score(x)]), ...singles.filter((x, i) => i % 9 !== 4 || x.piece === "\u2581").map((x) => [x.piece, score(x) - 3])];
  write(name, {
    added_tokens: specials.map((content, i) => token(i, content)),
    decoder: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always", split: true },
    ...config,
    post_processor: template([], after),
    model: { type: "Unigram", unk_id: specials.indexOf("<unk>"), vocab, byte_fallback: false },
  });
}

const metaspace = { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always", split: true };
unigram("t5", { normalizer: { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Replace", pattern: { Regex: " {2,}" }, content: " " }] }, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] } }, { specials: ["<pad>", "</s>", "<unk>"], after: [["</s>", 1]] });
unigram("albert", {
  normalizer: { type: "Sequence", normalizers: [{ type: "Replace", pattern: { String: "\`\`" }, content: "\"" }, { type: "Replace", pattern: { String: "''" }, content: "\"" }, { type: "NFKD" }, { type: "StripAccents" }, { type: "Lowercase" }] },
  pre_tokenizer: metaspace,
}, { specials: ["<pad>", "<unk>", "[CLS]", "[SEP]"], after: [["[SEP]", 3]] });

function wordPiece(name, config, { cleanup = true } = {}) {
  const words = countWords(piecesOf(config));
  const { singles, longer } = learnPieces(words, 900, 6);
  const pieces = [...singles.filter((x, i) => i % 11 !== 5).map((x) => x.piece), ...longer.map((x) => x.piece)];
  const vocab = Object.fromEntries(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...pieces, ...pieces.map((p) => "##" + p)].map((t, i) => [t, i]));
  write(name, {
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((content, i) => token(i, content)),
    decoder: { type: "WordPiece", prefix: "##", cleanup },
    ...config,
    post_processor: template([["[CLS]", 2]], [["[SEP]", 3]]),
    model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100, vocab },
  });
}

const bertNormalizer = (flags) => ({ type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true, ...flags });
wordPiece("bert-uncased", { normalizer: bertNormalizer({}), pre_tokenizer: { type: "BertPreTokenizer" } });
wordPiece("bert-cased", { normalizer: bertNormalizer({ lowercase: false }), pre_tokenizer: { type: "BertPreTokenizer" } });
byteLevelBpe("starcoder", { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel()] } }, { added: [["<|endoftext|>"], ["<fim_prefix>"], ["<fim_middle>"]], pairs: false });
