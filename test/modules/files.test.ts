import { blockinfile } from '../../modules/files/blockinfile.ts';
import { copy } from '../../modules/files/copy.ts';
import { fetch } from '../../modules/files/fetch.ts';
import { file } from '../../modules/files/file.ts';
import { find } from '../../modules/files/find.ts';
import { ini_file } from '../../modules/files/ini_file.ts';
import { lineinfile } from '../../modules/files/lineinfile.ts';
import { replace } from '../../modules/files/replace.ts';
import { secrets_file } from '../../modules/files/secrets_file.ts';
import { slurp } from '../../modules/files/slurp.ts';
import { stat } from '../../modules/files/stat.ts';
import { template } from '../../modules/files/template.ts';
import { runCases } from '../cases/driver.ts';

for (const module of [
  blockinfile,
  copy,
  fetch,
  file,
  find,
  ini_file,
  lineinfile,
  replace,
  secrets_file,
  slurp,
  stat,
  template,
])
  runCases(module);
