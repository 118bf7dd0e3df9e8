import assert from 'node:assert/strict';
import { test } from 'node:test';
import { database } from '../../engine/resources/postgresql/database.ts';
import { role } from '../../engine/resources/postgresql/role.ts';
import { server } from '../../engine/resources/postgresql/server.ts';
import { backupFiles } from '../../engine/resources/readings/backup_files.ts';
import { composeProject } from '../../engine/resources/readings/compose_project.ts';
import { databaseSizes } from '../../engine/resources/readings/database_sizes.ts';
import { ALL_CONTAINERS } from '../../engine/resources/readings/docker_containers.ts';
import { usedImages } from '../../engine/resources/readings/docker_images.ts';
import { shellcheck } from './programs.ts';

test('shellcheck has nothing against the programs of databases and containers', () => {
  const access = { login: { user: 'app', database: 'x', host: 'db', port: 5433, role: 'boss' }, password: "it's" };
  const usual = { login: { user: 'postgres', database: 'postgres' } };
  const programs = {
    server: server(access).type.collect([server(access)]),
    roles: role('a', access, 'password').type.collect([role('a', access, 'password'), role('b', usual)]),
    drop: role('a', access).type.transition([{ ref: role('a', access), before: null, after: null, options: {} }]),
    databases: database('a', usual).type.collect([database('a', usual)]),
    sizes: databaseSizes('').type.collect([databaseSizes(''), databaseSizes('shop_postgres_1')]),
    backups: backupFiles('/x').type.collect([backupFiles('/x'), backupFiles('/y z')]),
    containers: ALL_CONTAINERS.type.collect([ALL_CONTAINERS]),
    images: usedImages(5).type.collect([usedImages(5)]),
    compose: composeProject({ directory: '/x y', options: ['-p', 'z'] }).type.collect([
      composeProject({ directory: '/x y', options: ['-p', 'z'] }),
    ]),
  };
  assert.equal(shellcheck(programs), '');
});
