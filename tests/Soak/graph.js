// The samples as a picture: four small charts under each other, each from 0 to its largest value.
const charts = [['memory', 'Memory, MiB', 1048576], ['heap', 'Managed heap after collections, MiB', 1048576], ['handles', 'Open files and sockets', 1], ['threads', 'Threads', 1]];
const [width, height, left, gap] = [760, 90, 60, 34];

/** An SVG text. */
export function graphOf(samples, title) {
  const minutes = samples.at(-1).minute;
  const parts = charts.map(([name, label, unit], index) => {
    const top = 44 + index * (height + gap);
    const values = samples.map((sample) => sample[name] / unit);
    const most = Math.max(...values);
    const points = samples.map((sample, i) => `${(left + (sample.minute / minutes) * width).toFixed(1)},${(top + height - (values[i] / most) * height).toFixed(1)}`).join(' ');
    return `<text x="${left}" y="${top - 6}" class="label">${label}</text><text x="${left - 6}" y="${top + 10}" class="axis" text-anchor="end">${most.toFixed(0)}</text>`
      + `<text x="${left - 6}" y="${top + height}" class="axis" text-anchor="end">0</text><rect x="${left}" y="${top}" width="${width}" height="${height}" class="frame"/><polyline points="${points}"/>`;
  });
  const bottom = 44 + charts.length * (height + gap);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 20} ${bottom}" role="img" aria-label="Memory, handles and threads over ${minutes.toFixed(0)} minutes">`
    + '<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:14px;fill:#1b1f24}.frame{fill:#f6f8fa;stroke:#d0d7de}polyline{fill:none;stroke:#0a58a6;stroke-width:1.5}svg{background:#fff}</style>'
    + `<rect width="100%" height="100%" fill="#fff"/><text x="${left}" y="20" class="title">${title}</text>${parts.join('')}<text x="${left + width}" y="${bottom - 8}" text-anchor="end">${minutes.toFixed(1)} minutes</text></svg>\n`;
}
