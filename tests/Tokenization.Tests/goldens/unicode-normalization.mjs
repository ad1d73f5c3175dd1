// Writes src/Cluster.Tokenization/HuggingFace/Normalizers/unicode-normalization.txt from the Unicode tables inside Node.js.
//   node unicode-normalization.mjs > ../../../src/Cluster.Tokenization/HuggingFace/Normalizers/unicode-normalization.txt
// Lines: "c <first>[-<last>] <class>", "d <code point> <canonical decomposition>", "k <code point> <compatibility decomposition>", "p <first> <second> <composed>".
const hex = (text) => Array.from(text, (c) => c.codePointAt(0).toString(16)).join(" ");
const isHangul = (cp) => cp >= 0xac00 && cp <= 0xd7a3;
const all = [];
for (let cp = 0; cp <= 0x10ffff; cp++) if (cp < 0xd800 || cp > 0xdfff) all.push(cp);

const lines = [`# Unicode ${process.versions.unicode}, written by tests/Tokenization.Tests/goldens/unicode-normalization.mjs`];

// A mark's class shows in how it sorts among marks of known classes.
const known = new Map([[1, 0x334], [6, 0x16ff0], [7, 0x93c], [8, 0x3099], [9, 0x94d], [10, 0x5b0], [11, 0x5b1], [12, 0x5b2], [13, 0x5b3], [14, 0x5b4], [15, 0x5b5],
  [16, 0x5b6], [17, 0x5b7], [18, 0x5b8], [19, 0x5b9], [20, 0x5bb], [21, 0x5bc], [22, 0x5bd], [23, 0x5bf], [24, 0x5c1], [25, 0x5c2], [26, 0xfb1e], [27, 0x64b],
  [28, 0x64c], [29, 0x64d], [30, 0x64e], [31, 0x64f], [32, 0x650], [33, 0x651], [34, 0x652], [35, 0x670], [36, 0x711], [84, 0xc55], [91, 0xc56], [103, 0xe38],
  [107, 0xe48], [118, 0xeb8], [122, 0xec8], [129, 0xf71], [130, 0xf72], [132, 0xf74], [202, 0x321], [214, 0x1dce], [216, 0x31b], [218, 0x302a], [220, 0x323],
  [222, 0x59a], [224, 0x302e], [226, 0x1d16d], [228, 0x5ae], [230, 0x301], [232, 0x302c], [233, 0x35c], [234, 0x35d], [240, 0x345]]);
const classes = [...known.keys()];
const sorted = (a, b) => (a + b).normalize("NFD") === a + b;
let run = null;
const flush = () => run && lines.push(`c ${run.from.toString(16)}${run.to > run.from ? "-" + run.to.toString(16) : ""} ${run.value}`);
for (const cp of all) {
  const mark = String.fromCodePoint(cp);
  let value = 0;
  // Class 0 blocks reordering: neither order of (mark, class 1) nor of (class 240, mark) changes.
  if (mark.normalize("NFD") === mark && !(sorted("\u0345", mark) && sorted(mark, "\u0334"))) {
    for (const c of classes) {
      const other = String.fromCodePoint(known.get(c));
      if (sorted(mark, other) && sorted(other, mark)) value = c;
    }
    if (value === 0) throw new Error("class of " + cp.toString(16));
  }
  if (run && run.value === value && run.to === cp - 1) run.to = cp;
  else {
    flush();
    run = value ? { from: cp, to: cp, value } : null;
  }
}
flush();

for (const cp of all) {
  const char = String.fromCodePoint(cp);
  if (isHangul(cp)) continue;
  const canonical = char.normalize("NFD");
  const compatible = char.normalize("NFKD");
  if (canonical !== char) lines.push(`d ${cp.toString(16)} ${hex(canonical)}`);
  if (compatible !== canonical) lines.push(`k ${cp.toString(16)} ${hex(compatible)}`);
}
for (const cp of all) {
  const char = String.fromCodePoint(cp);
  const parts = Array.from(char.normalize("NFD"));
  if (isHangul(cp) || parts.length < 2 || char.normalize("NFC") !== char) continue;
  const last = parts.pop();
  const first = parts.join("").normalize("NFC");
  if (Array.from(first).length !== 1 || (first + last).normalize("NFC") !== char) throw new Error("pair of " + cp.toString(16));
  lines.push(`p ${hex(first)} ${hex(last)} ${cp.toString(16)}`);
}
console.log(lines.join("\n"));
