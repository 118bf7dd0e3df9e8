import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { foldReport } from '../../../engine/reporting/report/fold.ts';
import { htmlReport } from '../../../engine/reporting/report/html/page.ts';
import { withTrend } from '../../../engine/reporting/report/trend.ts';
import { earlier, kept } from './fake_run.ts';
import { everything, fleet } from './sample.ts';

/** Debian's and Ubuntu's package `chromium`, which test/lab/install.sh brings. */
const CHROMIUM = '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const dir = mkdtempSync(join(tmpdir(), 'runbook-page-'));
let browser: Browser;
before(async () => {
  // Chromium's sandbox does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
});
after(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true });
});

const FLEET = fleet(50, 20);
const pages = {
  apply: htmlReport(withTrend(foldReport(everything(), '0.1.0'), [earlier(30, everything().tasks)])),
  audit: htmlReport(withTrend(foldReport(kept('audit', FLEET), '0.1.0'), [earlier(30, fleet(50, 19))])),
};
for (const [name, text] of Object.entries(pages)) writeFileSync(join(dir, `${name}.html`), text);

interface Look {
  readonly width?: number;
  readonly dark?: boolean;
  readonly script?: boolean;
}

/** Opens a page; whatever it asks for but itself, and whatever it complains about, fails the test. */
async function open(name: keyof typeof pages, job: (page: Page) => Promise<void>, look: Look = {}): Promise<void> {
  const { width = 1280, dark = false, script = true } = look;
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
  });
  const page = await context.newPage();
  const asked: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  const url = pathToFileURL(join(dir, `${name}.html`)).href;
  await page.goto(url);
  await job(page);
  assert.deepEqual(asked, [url], 'it asks for nothing but itself');
  assert.deepEqual(said, []);
  await context.close();
}

const shown = (page: Page): Promise<number> =>
  page.evaluate("[...document.querySelectorAll('.card')].filter((card) => card.getClientRects().length > 0).length");
/** The box itself is out of sight behind what looks like a button. */
const flip = (page: Page, id: string): Promise<void> => page.locator(`label:has(#${id})`).click();

test('50 hosts by 20 checks load in less than a second', async () => {
  const seconds: number[] = [];
  for (let i = 0; i < 3; i++) {
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    // Time of the processor, at its best: what else the machine does is not the page's fault.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(pathToFileURL(join(dir, 'audit.html')).href);
    const { metrics } = await devtools.send('Performance.getMetrics');
    seconds.push(metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
    await page.close();
  }
  assert.ok(Math.min(...seconds) > 0 && Math.min(...seconds) < 1, `${seconds} s`);
});

test('they can be searched and filtered', async () => {
  await open('audit', async (page) => {
    assert.equal(await page.locator('.cell').count(), 1000);
    const all = await shown(page);
    assert.ok(all > 900, String(all));

    await page.keyboard.press('/');
    await page.keyboard.type('SUDOERS /srv/7/');
    assert.equal(await shown(page), 1);
    assert.match((await page.locator('#shown').textContent()) ?? '', /^1 of \d+ shown$/);
    assert.equal(await page.locator('.matrix tbody tr:visible').count(), 1);
    await page.keyboard.press('Escape');
    assert.equal(await shown(page), all);

    await page.selectOption('#host', 'host03');
    assert.equal(await shown(page), 20);
    assert.equal(await page.locator('.matrix thead .host:visible').count(), 1);
    await flip(page, 'show-pass');
    const bad = FLEET.filter(({ host, finding }) => host === 'host03' && finding?.level !== 'pass');
    assert.equal(await shown(page), bad.length);
    assert.equal(await page.locator('#shown').textContent(), `${bad.length} of ${all} shown`);
  });
});

test('it goes by keyboard: one stop in the matrix, arrows within, enter opens what there is to say', async () => {
  await open('audit', async (page) => {
    const focused = (): Promise<string | null> => page.locator('*:focus').getAttribute('aria-label');
    assert.equal(await page.locator('.cell:not([tabindex="-1"])').count(), 1);
    await page.locator('.cell').first().focus();
    const first = await focused();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await focused(), first);
    assert.match((await focused()) ?? '', /^host02: /);
    const target = await page.locator('*:focus').getAttribute('href');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator(`${target} > summary`).evaluate((summary) => summary.matches(':focus')), true);
    assert.equal(await page.locator(`${target}`).getAttribute('open'), '');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.notEqual(await page.locator('*:focus').count(), 0);
  });
});

const ground = (page: Page): Promise<string> =>
  page.evaluate('getComputedStyle(document.documentElement).backgroundColor');

test('light and dark as the system has it, or as the reader wants it', async () => {
  let [light, dark] = ['', ''];
  await open('apply', async (page) => {
    light = await ground(page);
    await flip(page, 'theme-dark');
    dark = await ground(page);
    assert.notEqual(dark, light);
  });
  await open(
    'apply',
    async (page) => {
      assert.equal(await ground(page), dark);
      await flip(page, 'theme-light');
      assert.equal(await ground(page), light);
    },
    { dark: true },
  );
});

test('without its script it still shows everything, filters by status, and switches diffs and themes', async () => {
  await open(
    'apply',
    async (page) => {
      const all = await shown(page);
      assert.ok(all >= 9);
      assert.equal(await page.locator('.scripted:visible').count(), 0);
      await flip(page, 'show-changed');
      assert.equal(await shown(page), all - 3);
      await flip(page, 'show-changed');
      const [left, right] = [page.locator('.old del').first(), page.locator('.new ins').first()];
      const box = async () => [await left.boundingBox(), await right.boundingBox()] as const;
      const [above, below] = await box();
      assert.ok(above && below && above.y < below.y && above.x === below.x);
      await flip(page, 'split');
      const [old, now] = await box();
      assert.ok(old && now && old.y === now.y && old.x < now.x);
      const before = await ground(page);
      await flip(page, 'theme-dark');
      assert.notEqual(await ground(page), before);
    },
    { script: false },
  );
});

test('nothing that is put into the page runs', async () => {
  const evil = `<script>document.title = 'run'</script><img src="x" onerror="document.title = 'run'"><p style="color: red">x</p>`;
  writeFileSync(join(dir, 'evil.html'), pages.apply.replace('</main>', `${evil}</main>`));
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(pathToFileURL(join(dir, 'evil.html')).href);
  assert.notEqual(await page.title(), 'run');
  assert.equal(said.filter((text) => text.includes('Content Security Policy')).length, 4, said.join('\n'));
  await page.close();
});

test('it fits a telephone, and paper', async () => {
  for (const name of ['apply', 'audit'] as const) {
    await open(
      name,
      async (page) => {
        const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        assert.equal(await page.evaluate(wide), 0);
      },
      { width: 390 },
    );
  }
  await open('apply', async (page) => {
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert.equal(await page.locator('details:not([open])').count(), 0);
    assert.equal(await page.locator('#search:visible').count(), 0);
  });
});

test('axe finds nothing to object to, in light and dark, wide and narrow', { timeout: 120_000 }, async () => {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = 'violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html, nodes[0].failureSummary])';
  const run = `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) => JSON.stringify(${found}))`;
  for (const look of [{}, { dark: true }, { width: 390 }]) {
    await open(
      'apply',
      async (page) => {
        await page.locator('#expand').click();
        // From the tools of the browser, which no policy binds.
        const devtools = await page.context().newCDPSession(page);
        await devtools.send('Runtime.evaluate', { expression: AXE });
        const { result } = await devtools.send('Runtime.evaluate', { expression: run, awaitPromise: true });
        assert.deepEqual(JSON.parse(String(result.value)), [], JSON.stringify(look));
      },
      look,
    );
  }
});
