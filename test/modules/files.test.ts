import { blockinfile } from '../../modules/files/blockinfile.ts';
import { copy } from '../../modules/files/copy.ts';
import { file } from '../../modules/files/file.ts';
import { lineinfile } from '../../modules/files/lineinfile.ts';
import { replace } from '../../modules/files/replace.ts';
import { stat } from '../../modules/files/stat.ts';
import { template } from '../../modules/files/template.ts';
import { runCases } from '../cases/driver.ts';

for (const module of [blockinfile, copy, file, lineinfile, replace, stat, template]) runCases(module);
