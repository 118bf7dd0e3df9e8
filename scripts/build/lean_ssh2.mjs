// ssh2 without what no run needs before it is asked for: its SFTP client, which nothing here uses, and bcrypt's tables,
// which only a key file with a passphrase needs.
import { readFileSync } from 'node:fs';

const BCRYPT = "require('bcrypt-pbkdf').pbkdf";

export const leanSsh2 = {
  name: 'lean-ssh2',
  setup(bundler) {
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/SFTP\.js$/ }, () => ({ contents: 'module.exports = {};' }));
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/keyParser\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes(BCRYPT)) throw new Error(`${path} takes bcrypt in another way than it did`);
      return { contents: text.replace(BCRYPT, `(...words) => ${BCRYPT}(...words)`) };
    });
  },
};
