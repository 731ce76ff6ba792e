// Writes comcam_crosstalk.h: the crosstalk coefficients of R22 S00 from src/camera/comcam.json, for tests that compare with published results.
//   node native/test/support/make_comcam_crosstalk.mjs [CAMERA.json]
import { readFileSync, writeFileSync } from 'node:fs';

const camera = JSON.parse(
  readFileSync(process.argv[2] ?? new URL('../../../src/camera/comcam.json', import.meta.url), 'utf8'),
);
const ccd = camera.rafts[0].rebs.flatMap((reb) => reb.ccds).find(({ sensor }) => sensor === 'S00');
const table = camera.crosstalk[ccd.crosstalk];

/** A 16 x 16 array, [source][target] in FITS order. */
function array(name, values) {
  const rows = [];
  for (let s = 0; s < 16; s++) rows.push(`    {${values.slice(16 * s, 16 * (s + 1)).join(', ')}},`);
  return `inline constexpr double ${name}[16][16] = {\n${rows.join('\n')}\n};\n`;
}

const text = `// Made by make_comcam_crosstalk.mjs from src/camera/comcam.json: ComCam R22 S00, [source][target] in FITS order, for signals in electrons.
#pragma once

namespace ccarchiver::test {

${array('kComcamLinear', table.linear)}
${array('kComcamQuadratic', table.quadratic)}
}  // namespace ccarchiver::test
`;
writeFileSync(new URL('comcam_crosstalk.h', import.meta.url), text);
