import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { byteSize } from '../../engine/resources/byte_size.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { idAt } from '../../engine/resources/postgresql/login.ts';
import { type DatabaseSize, databaseSizes } from '../../engine/resources/readings/database_sizes.ts';
import { levelFrom, threshold, worst, worstRows } from './level.ts';

interface SizeParams {
  readonly container: string;
  readonly login_user: string;
  readonly login_db?: string | null;
  readonly login_port?: number | null;
  readonly warn: number;
  readonly fail: number;
  readonly connections: number;
  readonly exclude: readonly string[];
}

export const check_database_size = defineCheck<SizeParams>({
  name: 'check_database_size',
  collection: 'runbook',
  summary: 'Judges how large the databases of a PostgreSQL server are, and how near their limits on connections',
  description: [
    'Asks psql on the host, as the user whom the task acts as (`become_user: postgres`), or in a container of Docker.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      container: { type: 'string', default: '', description: 'Container that PostgreSQL runs in. Default: the host.' },
      login_user: { type: 'string', default: 'postgres', description: 'Role to log in as.' },
      login_db: { type: 'string', description: 'Database to log in to. Default: `login_user`’s name.' },
      login_port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Port. Default: 5432.' },
      warn: threshold(0, 'MiB of one database that warn; 0: never.'),
      fail: threshold(0, 'MiB of one database that fail; 0: never.'),
      connections: threshold(80, 'Per cent of its connections in use that warn; 0: never.'),
      exclude: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Databases to leave out, or patterns for them.',
      },
    },
  },
  examples: `- name: Size of the databases
  become: true
  become_user: postgres
  check_database_size:
    warn: 20480
`,
  looksAt: (params) => [databaseSizes(idOf(params))],
  judge: (params, view): Finding => {
    const all = (view.get(databaseSizes(idOf(params))) ?? []).filter(
      ({ name }) => !params.exclude.some((pattern) => fnmatch(name, pattern)),
    );
    const rows = all.map((one) => ({ ...one, level: worst([sizeLevel(params, one), connectionLevel(params, one)]) }));
    const bad = rows.filter(({ level }) => level !== 'pass');
    const total = all.reduce((sum, { size }) => sum + size, 0);
    return {
      level: worst(rows.map(({ level }) => level)),
      summary: `${count(rows.length, 'database')} with ${byteSize(total)}${bad.length === 0 ? '' : `; at fault: ${bad.map(({ name }) => name).join(', ')}`}`,
      evidence: evidence(
        ['database', 'size', 'connections'],
        worstRows(rows).map(({ name, size, connections, limit }) => [
          name,
          byteSize(size),
          limit < 0 ? String(connections) : `${connections} of ${limit}`,
        ]),
      ),
      remedy:
        'See what takes the room: `\\dt+` in psql, VACUUM, old rows; for connections, a pooler or a higher limit.',
      reference: 'security guide, Security Checklist, 7',
      measures: rows.map(({ name, size }) => ({ name, value: size, unit: 'bytes' as const })),
    };
  },
});

function idOf({ container, login_user: user, login_db, login_port: port }: SizeParams): string {
  return idAt(container, { user, database: login_db || user, ...(port && { port }) });
}

function sizeLevel({ warn, fail }: SizeParams, { size }: DatabaseSize) {
  return levelFrom(size / 1024 ** 2, warn, fail);
}

function connectionLevel(params: SizeParams, { connections, limit }: DatabaseSize) {
  return limit > 0 ? levelFrom((100 * connections) / limit, params.connections, 0) : 'pass';
}
