import ssh2Agent from 'ssh2/lib/agent.js'; // CommonJS: no named imports
import Client from 'ssh2/lib/client.js';
import keyParser from 'ssh2/lib/protocol/keyParser.js';

/**
 * The one file that imports the SSH library. Its parts by themselves: its index would bring a server and Node's HTTP
 * with it, which a run then loads for nothing.
 */
export const { BaseAgent, createAgent } = ssh2Agent;
export const { parseKey } = keyParser;
export type { AnyAuthMethod, ClientChannel, ConnectConfig, ParsedKey } from 'ssh2';
export { Client };
