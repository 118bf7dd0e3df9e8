import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { NO_DOCKER } from '../../engine/resources/readings/docker_containers.ts';
import { type DockerImage, type DockerImagesValue, usedImages } from '../../engine/resources/readings/docker_images.ts';
import { type Level, levelFrom, threshold, worst, worstRows } from './level.ts';

interface ImagesParams {
  readonly critical: number;
  readonly high: number;
  readonly only_mended: boolean;
  readonly age: number;
  readonly tags: boolean;
  readonly timeout: number;
  readonly except: readonly string[];
}

export const check_docker_images = defineCheck<ImagesParams>({
  name: 'check_docker_images',
  collection: 'runbook',
  summary: 'Judges the images that containers run of: known vulnerabilities, age, tags',
  description: [
    'Scans them with trivy where that is installed on the host; where it is not, that is a warning. A tag that moves (`latest`, or none) says nothing of what runs.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      critical: threshold(1, 'Critical vulnerabilities in one image that fail; 0: never.'),
      high: threshold(1, 'High ones that warn; 0: never.'),
      only_mended: {
        type: 'boolean',
        default: false,
        description: 'Whether those count only for which there is a newer version of what has them.',
      },
      age: threshold(180, 'Days since an image was built that warn; 0: never.'),
      tags: { type: 'boolean', default: true, description: 'Whether a tag that moves warns.' },
      timeout: threshold(60, 'Seconds that the scan of one image may take.'),
      except: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Names of images to leave out, or patterns for them.',
      },
    },
  },
  examples: `- name: Images
  check_docker_images:
    age: 90
`,
  looksAt: ({ timeout }) => [usedImages(timeout)],
  judge: (params, view): Finding => {
    if (view.problem(usedImages(params.timeout)) === NO_DOCKER) return { level: 'pass', summary: 'there is no Docker' };
    const seen = view.get(usedImages(params.timeout)) ?? { now: 0, scanner: false, images: [] };
    const rows = seen.images
      .filter(({ name }) => !params.except.some((pattern) => fnmatch(name, pattern)))
      .map((image) => ({ image, ...judged(params, seen, image) }));
    if (rows.length === 0) return { level: 'pass', summary: 'no container runs', reference: REFERENCE };
    const bad = rows.filter(({ level }) => level !== 'pass');
    const scan = seen.scanner ? '' : '; not scanned: trivy is not installed';
    return {
      level: worst([...rows.map(({ level }) => level), seen.scanner ? 'pass' : 'warn']),
      summary: `${bad.length === 0 ? `${count(rows.length, 'image')} in order` : `${bad.length} of ${count(rows.length, 'image')} at fault`}${scan}`,
      evidence: evidence(
        ['image', 'built', 'critical', 'high', 'what is wrong'],
        worstRows(rows).map(({ image, days, says }) => {
          const found = image.found !== undefined && 'critical' in image.found ? image.found : undefined;
          const numbers = found === undefined ? ['', ''] : [String(found.critical), String(found.high)];
          return [image.name, days === undefined ? '' : `${count(days, 'day')} ago`, ...numbers, says];
        }),
      ),
      remedy:
        'Build or pull anew what is old or has holes, pin its version, and start the containers again. trivy: https://trivy.dev',
      reference: REFERENCE,
      measures: rows.flatMap(({ image: { name, found } }) =>
        found !== undefined && 'critical' in found
          ? [{ name, value: found.critical + found.high, unit: 'count' as const }]
          : [],
      ),
    };
  },
});

const REFERENCE = 'security guide, Docker Security Audit; CIS Docker 4.2, 4.4';

interface Judged {
  readonly level: Level;
  readonly days: number | undefined;
  readonly says: string;
}

function judged(params: ImagesParams, { now }: DockerImagesValue, image: DockerImage): Judged {
  const { name, created, found } = image;
  const days = created === undefined ? undefined : Math.max(0, Math.floor((now - created) / 86_400));
  const faults: (readonly [Level, string])[] = [];
  if (found !== undefined && 'problem' in found) faults.push(['warn', `could not be scanned: ${found.problem}`]);
  if (found !== undefined && 'critical' in found) {
    const some = found.examples.join(', ');
    const counts = !params.only_mended || found.mended > 0;
    if (counts && levelFrom(found.critical, 0, params.critical) === 'fail') faults.push(['fail', some]);
    else if (counts && levelFrom(found.high, params.high, 0) === 'warn') faults.push(['warn', some]);
  }
  if (params.age > 0 && days !== undefined && days >= params.age) faults.push(['warn', 'old']);
  if (params.tags && moves(name)) faults.push(['warn', 'a tag that moves']);
  return {
    level: worst(faults.map(([level]) => level)),
    days,
    says: faults.map(([, what]) => what).join('; '),
  };
}

/** `app`, `app:latest`; not `app:1.2`, `app@sha256:...`, or an id. */
function moves(name: string): boolean {
  if (name.includes('@') || /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name)) return false;
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === undefined || tag === 'latest';
}
