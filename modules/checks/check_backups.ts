import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { byteSize } from '../../engine/resources/byte_size.ts';
import { type BackupFile, type BackupFilesValue, backupFiles } from '../../engine/resources/readings/backup_files.ts';
import { type Level, levelFrom, threshold, worst, worstRows } from './level.ts';

interface BackupsParams {
  readonly path: string;
  readonly databases?: readonly string[] | null;
  readonly warn: number;
  readonly fail: number;
  readonly shrink: number;
  readonly verified: boolean;
}

export const check_backups = defineCheck<BackupsParams>({
  name: 'check_backups',
  collection: 'runbook',
  summary: 'Judges whether the newest backups are young, whole, private and known to come back',
  description: [
    'Knows the names of playbooks/backups.yml, `db_NAME_TIME.dump`, and its mark `.verified`, which is written once a backup was restored and its rows compared; also those of older scripts, `db_NAME_TIME.sql.gz` or `db_TIME.sql.gz`, which have no mark.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      path: {
        type: 'string',
        format: 'path',
        default: '/var/backups/database',
        description: 'The directory that holds them.',
      },
      databases: {
        type: 'array',
        items: { type: 'string' },
        description: 'Databases that have to have one. Default: those that there are backups of, and at least one.',
      },
      warn: threshold(26, 'Hours of age of the newest one that warn; 0: never.'),
      fail: threshold(50, 'Hours of age of the newest one that fail; 0: never.'),
      shrink: threshold(50, 'Per cent by which it may be smaller than the one before; more warns. 0: any.'),
      verified: {
        type: 'boolean',
        default: true,
        description: 'Whether one that was never restored and compared warns.',
      },
    },
  },
  examples: `- name: Backups
  check_backups:
    path: /var/backups/database
    databases: [app]
`,
  looksAt: ({ path }) => [backupFiles(path)],
  judge: (params, view): Finding => {
    const found = view.get(backupFiles(params.path));
    if (found === null) return nothing(`there is no directory ${params.path}`);
    const backups = byDatabase(found.files);
    const names = params.databases ?? [...backups.keys()].sort();
    if (names.length === 0) return nothing(`${params.path} holds no backup`);
    return judged(
      params,
      found,
      names.map((name) => row(params, found.now, name, backups.get(name) ?? [])),
    );
  },
});

const REMEDY =
  'See why: `systemctl status database-backup`, `journalctl -u database-backup`; playbooks/backups.yml sets them up.';
const REFERENCE = 'security guide, Database Backups';

function nothing(summary: string): Finding {
  return { level: 'fail', summary, remedy: REMEDY, reference: REFERENCE };
}

/** Newest first. */
function byDatabase(files: readonly BackupFile[]): ReadonlyMap<string, readonly BackupFile[]> {
  const all = new Map<string, BackupFile[]>();
  for (const file of [...files].sort((a, b) => b.modified - a.modified)) {
    const name = databaseOf(file.name);
    if (name === undefined) continue;
    const list = all.get(name);
    if (list === undefined) all.set(name, [file]);
    else list.push(file);
  }
  return all;
}

/** `db_shop_20260101T020000Z.dump`, or what the guide's script writes: `db_20260101_020000.sql.gz`. */
function databaseOf(name: string): string | undefined {
  const [, database] = /^db_(?:(.+)_)?\d{8}[T_]\d{6}Z?\.(?:dump|sql\.gz|sql)$/.exec(name) ?? [];
  return database ?? (/^db_\d{8}_\d{6}\.sql(?:\.gz)?$/.test(name) ? '(all)' : undefined);
}

interface Row {
  readonly level: Level;
  readonly name: string;
  readonly newest?: BackupFile;
  readonly hours: number;
  readonly says: string;
}

function row(params: BackupsParams, now: number, name: string, [newest, before]: readonly BackupFile[]): Row {
  if (newest === undefined) return { level: 'fail', name, hours: 0, says: 'there is none' };
  const hours = Math.max(0, Math.floor((now - newest.modified) / 3600));
  const shrunk = before === undefined || before.size === 0 ? 0 : 100 - (100 * newest.size) / before.size;
  const faults: readonly (readonly [Level, string])[] = [
    [levelFrom(hours, params.warn, params.fail), 'too old'],
    [newest.size === 0 ? 'fail' : 'pass', 'empty'],
    [
      params.shrink > 0 && shrunk > params.shrink ? 'warn' : 'pass',
      `${Math.round(shrunk)} % smaller than the one before`,
    ],
    [params.verified && newest.verified === undefined ? 'warn' : 'pass', 'never restored and compared'],
    [(newest.mode & 0o077) === 0 ? 'pass' : 'fail', `others may read it (${newest.mode.toString(8)})`],
  ];
  const bad = faults.filter(([level]) => level !== 'pass');
  const says = bad.length > 0 ? bad.map(([, text]) => text).join('; ') : rowsOf(newest);
  return { level: worst(bad.map(([level]) => level)), name, newest, hours, says };
}

function rowsOf({ verified }: BackupFile): string {
  return verified === undefined
    ? ''
    : `came back with ${count(verified.rows, 'row')} in ${count(verified.tables, 'table')}`;
}

function judged({ path }: BackupsParams, { now }: BackupFilesValue, rows: readonly Row[]): Finding {
  const bad = rows.filter(({ level }) => level !== 'pass');
  const oldest = Math.max(...rows.map(({ hours }) => hours));
  const [first] = worstRows(rows);
  return {
    level: worst(rows.map(({ level }) => level)),
    summary:
      bad.length === 0
        ? `${count(rows.length, 'database')} with a backup that is good; the oldest is of ${count(oldest, 'hour')} ago`
        : `${bad.length} of ${count(rows.length, 'database')} without a good backup: ${first?.name}: ${first?.says}`,
    evidence: evidence(
      ['database', 'newest backup', 'age', 'size', ''],
      worstRows(rows).map(({ name, newest, hours, says }) => [
        name,
        newest === undefined ? '' : `${path}/${newest.name}`,
        newest === undefined ? '' : `${hours} h`,
        newest === undefined ? '' : byteSize(newest.size),
        says,
      ]),
    ),
    remedy: REMEDY,
    reference: REFERENCE,
    measures: rows.flatMap(({ name, newest }) =>
      newest === undefined
        ? []
        : [
            { name: `${name}, size`, value: newest.size, unit: 'bytes' as const },
            { name: `${name}, age`, value: Math.max(0, now - newest.modified), unit: 'seconds' as const },
          ],
    ),
  };
}
