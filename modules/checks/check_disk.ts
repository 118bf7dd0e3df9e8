import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { byteSize } from '../../engine/resources/byte_size.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { FILESYSTEMS } from '../../engine/resources/readings/filesystems.ts';
import { levelFrom, threshold, worst, worstRows } from './level.ts';

interface DiskParams {
  readonly warn: number;
  readonly fail: number;
  readonly inodes_warn: number;
  readonly inodes_fail: number;
  readonly exclude: readonly string[];
}

export const check_disk = defineCheck<DiskParams>({
  name: 'check_disk',
  collection: 'runbook',
  summary: 'Judges how full the disks are, in bytes and in files',
  description: [
    'Reads df(1). File systems of other machines, in memory, and read-only by nature (snaps) are left out. The share is that of what users can have: what is kept back for root does not count.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      warn: threshold(80, 'Per cent in use that warn; 0: never.'),
      fail: threshold(90, 'Per cent in use that fail; 0: never.'),
      inodes_warn: threshold(80, 'Per cent of inodes in use that warn; 0: never.'),
      inodes_fail: threshold(90, 'Per cent of inodes in use that fail; 0: never.'),
      exclude: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Mount points to leave out, or patterns for them (`/mnt/*`).',
      },
    },
  },
  examples: `- name: Disks
  check_disk:
    warn: 85
    fail: 95
`,
  looksAt: () => [FILESYSTEMS],
  judge: (params, view): Finding => {
    const all = (view.get(FILESYSTEMS) ?? []).filter(
      ({ mount }) => !params.exclude.some((pattern) => fnmatch(mount, pattern)),
    );
    const rows = all.map(({ mount, type, used, free, inodes }) => {
      const share = percent(used, free);
      const files = inodes === undefined ? 0 : percent(inodes.used, inodes.free);
      const level = worst([
        levelFrom(share, params.warn, params.fail),
        levelFrom(files, params.inodes_warn, params.inodes_fail),
      ]);
      return { level, mount, type, share, files, free, counted: inodes !== undefined };
    });
    const level = worst(rows.map((row) => row.level));
    const fullest = [...rows].sort((a, b) => Math.max(b.share, b.files) - Math.max(a.share, a.files))[0];
    const bad = rows.filter((row) => row.level !== 'pass').length;
    if (fullest === undefined) return { level: 'pass', summary: 'there is no disk to judge' };
    const how = fullest.files > fullest.share ? `${fullest.files} % of its inodes` : `${fullest.share} %`;
    return {
      level,
      summary: `${bad === 0 ? `${count(rows.length, 'disk')} with room` : `${bad} of ${count(rows.length, 'disk')} too full`}; the fullest is ${fullest.mount} with ${how} in use`,
      evidence: evidence(
        ['mounted on', 'in use', 'inodes', 'free', 'type'],
        worstRows(rows).map(({ mount, type, share, files, free, counted }) => [
          mount,
          `${share} %`,
          counted ? `${files} %` : '',
          byteSize(free),
          type,
        ]),
      ),
      remedy: 'See what takes the room: `du -xh --max-depth=2 / | sort -h | tail`, `journalctl --vacuum-size=500M`.',
      reference: 'security guide, Monitoring & Alerts',
      measures: rows.map(({ mount, share }) => ({ name: mount, value: share, unit: '%' })),
    };
  },
});

/** Rounded up, as df(1) does. */
function percent(used: number, free: number): number {
  return Math.ceil((100 * used) / (used + free));
}
