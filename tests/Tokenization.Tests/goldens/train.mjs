// Learners of tiny vocabularies: enough to make every path of an encoder run, not to be good at anything.
export const countWords = (pieces) => {
  const counts = new Map();
  for (const piece of pieces) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  return counts;
};

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// Byte pair encoding: merges of the most frequent pair, ties by spelling.
export function learnBpe(words, mergeCount) {
  const split = [...words].map(([word, count]) => ({ symbols: Array.from(word), count }));
  const merges = [];
  while (merges.length < mergeCount) {
    const pairs = new Map();
    for (const { symbols, count } of split) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const key = JSON.stringify([symbols[i], symbols[i + 1]]);
        pairs.set(key, (pairs.get(key) ?? 0) + count);
      }
    }
    let best = null;
    for (const [key, count] of pairs) if (best === null || count > best.count || (count === best.count && compare(key, best.key) < 0)) best = { key, count };
    if (best === null || best.count < 2) break;
    const [left, right] = JSON.parse(best.key);
    merges.push([left, right]);
    for (const word of split) {
      const symbols = [];
      for (let i = 0; i < word.symbols.length; i++) {
        if (i + 1 < word.symbols.length && word.symbols[i] === left && word.symbols[i + 1] === right) symbols.push(left + word.symbols[i++ + 1]);
        else symbols.push(word.symbols[i]);
      }
      word.symbols = symbols;
    }
  }
  return merges;
}

// Substrings by how much of the text they cover.
export function learnPieces(words, pieceCount, lengthMax) {
  const counts = new Map();
  for (const [word, count] of words) {
    const chars = Array.from(word);
    for (let i = 0; i < chars.length; i++) {
      for (let length = 1; length <= lengthMax && i + length <= chars.length; length++) {
        const piece = chars.slice(i, i + length).join("");
        counts.set(piece, (counts.get(piece) ?? 0) + count);
      }
    }
  }
  const scored = [...counts].map(([piece, count]) => ({ piece, count, length: Array.from(piece).length }));
  const singles = scored.filter((x) => x.length === 1);
  const longer = scored.filter((x) => x.length > 1 && x.count > 1).sort((a, b) => b.count * b.length - a.count * a.length || compare(a.piece, b.piece)).slice(0, pieceCount);
  return { singles, longer, total: scored.reduce((sum, x) => sum + x.count, 0) };
}
