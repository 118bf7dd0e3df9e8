// Stands for engine/commands/main.ts in the built program.
import { loadMain } from './load_main.mjs';

export const { main } = loadMain(__dirname);
