import { command } from '../../modules/commands/command.ts';
import { raw } from '../../modules/commands/raw.ts';
import { shell } from '../../modules/commands/shell.ts';
import { runCases } from '../cases/driver.ts';

runCases(command);
runCases(shell);
runCases(raw);
