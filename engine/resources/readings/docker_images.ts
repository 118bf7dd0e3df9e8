import { isMap, type Value, type ValueMap } from '../../language/values.ts';
import type { Ref, ResourceType, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { type Sh, sh } from '../../transport/sh.ts';
import { complaint, count, partLines, partText } from '../answer_text.ts';
import { readJson } from '../json_text.ts';
import { readingType } from '../reading.ts';
import { NO_DOCKER } from './docker_containers.ts';

/** Images that containers run of, and what trivy finds in them. */
export interface DockerImagesValue {
  /** Seconds since 1970, by the host's clock. */
  readonly now: number;
  /** Whether trivy is on the host. */
  readonly scanner: boolean;
  readonly images: readonly DockerImage[];
}

export interface DockerImage {
  /** As the container names it. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly created?: number;
  /** Missing: it was not scanned; `problem`: it could not be. */
  readonly found?: Vulnerabilities | { readonly problem: string };
}

/** How many of each severity, and how many of those have been mended in a newer version. */
interface Vulnerabilities {
  readonly critical: number;
  readonly high: number;
  readonly mended: number;
  /** Names of some of the worst. */
  readonly examples: readonly string[];
}

const imagesType: ResourceType<DockerImagesValue> = readingType({
  name: 'docker images',
  collect,
  parse,
  derived: true,
});

/** `seconds`: how long trivy may take for one image; its database comes from the network when it is old. */
export function usedImages(seconds: number): Ref<DockerImagesValue> {
  return { type: imagesType, id: String(seconds), aspects: [] };
}

const MOST_IMAGES = 100;

function collect(refs: readonly Ref<DockerImagesValue>[]): Sh {
  const seconds = Math.max(...refs.map(({ id }) => count(id) ?? 0));
  return sh`if ! command -v docker >/dev/null; then echo ${NO_DOCKER} >&2; exit 127; fi
rb_images=$(docker ps --format '{{.Image}}') || exit 1
rb_images=$(printf '%s\n' "$rb_images" | sort -u | head -n ${MOST_IMAGES})
rb_part now
date +%s
rb_part scanner
if command -v trivy >/dev/null; then echo yes; fi
printf '%s\n' "$rb_images" | while IFS= read -r rb_image; do
  [ -n "$rb_image" ] || continue
  rb_part "image $rb_image"
  docker inspect --type image -- "$rb_image"
  if command -v trivy >/dev/null; then
    rb_part "scan $rb_image"
    timeout ${seconds} trivy image --quiet --format json --severity HIGH,CRITICAL --scanners vuln -- "$rb_image" 2>&1
  fi
done
:`;
}

function parse(answer: Answer, refs: readonly Ref<DockerImagesValue>[]): readonly Seen[] {
  const now = count(partLines(answer, 'now')[0]);
  if (answer.status !== 0 || now === undefined) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const scanner = partText(answer, 'scanner').trim() === 'yes';
  const names = [...answer.parts.keys()].flatMap((part) => (part.startsWith('image ') ? [part.slice(6)] : []));
  const value = { now, scanner, images: names.map((name) => imageOf(answer, name)) };
  return refs.map((ref) => ({ ref, value }));
}

function imageOf(answer: Answer, name: string): DockerImage {
  const told = readJson(partText(answer, `image ${name}`));
  const [first] = Array.isArray(told) ? told : [];
  const created = isMap(first) && typeof first.Created === 'string' ? Date.parse(first.Created) / 1000 : Number.NaN;
  const scan = answer.parts.has(`scan ${name}`) ? scanOf(partText(answer, `scan ${name}`)) : undefined;
  return { name, ...(!Number.isNaN(created) && { created }), ...(scan && { found: scan }) };
}

const MOST_EXAMPLES = 5;

/** The report of `trivy image --format json`: Results, each with Vulnerabilities. */
function scanOf(text: string): DockerImage['found'] {
  const report = readJson(text);
  if (!isMap(report)) return { problem: text.trim().split('\n').at(-1) || 'trivy took too long' };
  const all = list(report.Results).flatMap((result) => list(result.Vulnerabilities));
  const unique = [...new Map(all.map((one) => [`${one.VulnerabilityID} ${one.PkgName}`, one])).values()];
  const critical = unique.filter((one) => one.Severity === 'CRITICAL');
  const high = unique.filter((one) => one.Severity === 'HIGH');
  return {
    critical: critical.length,
    high: high.length,
    mended: unique.filter((one) => typeof one.FixedVersion === 'string' && one.FixedVersion !== '').length,
    examples: [...critical, ...high].slice(0, MOST_EXAMPLES).map((one) => `${one.VulnerabilityID} in ${one.PkgName}`),
  };
}

function list(value: Value | undefined): readonly ValueMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
