import { ccdBySlot, crosstalkDigest, crosstalkOf } from '../camera/geometry.js';
import { kept } from '../camera/kept.js';
import type { Camera, Ccd } from '../camera/types.js';
import type { ComposedHeaders, CrosstalkFacts } from '../fits/facts.js';
import { composeHeaders, type SealHeader } from '../fits/headers.js';
import type { FileSpec, HduSpec } from '../native/contract.js';
import type { FileJob } from './port.js';

const FILE_MODE = 0o444;

/** The addon's order for one file: headers of every HDU in file order, and where it goes. */
export function fileSpec(
  job: FileJob,
  camera: Camera,
  seal: SealHeader,
): { file: FileSpec } & Pick<ComposedHeaders, 'omitted' | 'ignored'> {
  const { obsid, product, raft: bay, sensor } = job.file;
  const { raft, reb, ccd } = ccdBySlot(camera, bay, sensor);
  const crosstalk = product === 'corrected' ? crosstalkFactsOf(camera)(ccd) : undefined;
  const headers = composeHeaders(
    { ...job.facts, camera, raft, reb, ccd, obsid, product, ...(crosstalk === undefined ? {} : { crosstalk }) },
    seal,
  );
  const file: FileSpec = {
    ccd: reb.ccds.indexOf(ccd),
    product,
    hdus: hdus(headers),
    root: job.root,
    path: job.path,
    sidecarPath: job.sidecarPath,
    sidecar: headers.sidecar,
    aside: job.aside,
    fileMode: FILE_MODE,
    folderMode: job.folderMode,
  };
  return { file, omitted: headers.omitted, ignored: headers.ignored };
}

function hdus(headers: ComposedHeaders): HduSpec[] {
  return [
    { kind: 'bare', cards: headers.primary },
    ...headers.segments.map((header, segment): HduSpec => ({ kind: 'segment', segment, ...header })),
    { kind: 'bare', cards: headers.rebCond },
    { kind: 'bare', cards: headers.configCond },
  ];
}

const crosstalkFactsOf = kept((camera: Camera) => kept((ccd: Ccd) => crosstalkFacts(camera, ccd)));

function crosstalkFacts(camera: Camera, ccd: Ccd): CrosstalkFacts | undefined {
  const crosstalk = crosstalkOf(camera, ccd);
  if (crosstalk === null) return undefined;
  const { name, quadratic } = crosstalk.table;
  return { order: quadratic.some((c) => c !== 0) ? 2 : 1, name, sha256: crosstalkDigest(crosstalk) };
}
