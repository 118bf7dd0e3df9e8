import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The bundle holds the texts themselves, see scripts/build/page_assets.mjs.
export const PAGE_STYLE: string = readFileSync(fileURLToPath(new URL('page.css', import.meta.url)), 'utf8');
export const PAGE_SCRIPT: string = readFileSync(fileURLToPath(new URL('page.js', import.meta.url)), 'utf8');
