// The parts of ssh2 that have no types of their own, by the types of the whole.
declare module 'ssh2/lib/client.js' {
  import { Client } from 'ssh2';
  export = Client;
}

declare module 'ssh2/lib/agent.js' {
  import { BaseAgent, createAgent } from 'ssh2';

  const parts: { BaseAgent: typeof BaseAgent; createAgent: typeof createAgent };
  export = parts;
}

declare module 'ssh2/lib/protocol/keyParser.js' {
  import { utils } from 'ssh2';

  const parts: { parseKey: typeof utils.parseKey };
  export = parts;
}
