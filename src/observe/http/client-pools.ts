import http from 'node:http';
import { field } from '../../connection/field';
import { property } from '../../verdict/evidence/error-facts';
import { now } from '../process/clock';
import { guarded, patch, reportFault, subscribeUnguarded, type Undo, undoAll } from '../process/patch';
import { NODE } from '../process/private-members';
import { read } from '../process/read-private';
import { take } from '../process/reporters';
import type { ObservedRequest } from './client-exchange';
import { agentCall, beginAgentCall, endAgentCall, exchangeOf, openUnconnected } from './client-exchanges';

/** The methods of Node's agents by which a request asks for a connection, and a connection is released. */
interface Pool {
  readonly addRequest?: unknown;
  readonly removeSocket?: unknown;
  readonly createSocket?: unknown;
}

const nodes = http.Agent.prototype as Pool;
/** Two methods of Node's agents, with our patches in them; undefined where one could not be patched. */
let patched: { readonly addRequest: unknown; readonly removeSocket: unknown } | undefined;

/** Observes how requests ask agents for a connection, and how those release it. */
export function observePools(onRelease: (socket: unknown) => void): Undo {
  const { addRequest, removeSocket } = nodes;
  const undo = undoAll([
    patch(http.Agent.prototype, 'addRequest', (original, state) => {
      const open = guarded(onAgentAsked);
      const unassigned = guarded(onUnassigned);
      return function addRequest(request, options, port, localAddress) {
        if (!state.active) return original.call(this, request, options, port, localAddress);
        const outer = beginAgentCall(request, options, isNodesPool(this));
        try {
          // An agent with its own way to create sockets may make requests of its own for that.
          if (this.createSocket !== nodes.createSocket) open(request);
          const result = original.call(this, request, options, port, localAddress);
          if (agentCall.request === request) unassigned(request);
          return result;
        } finally {
          endAgentCall(outer);
        }
      };
    }),
    patch(
      http.Agent.prototype,
      'removeSocket',
      (original, state) =>
        function removeSocket(socket, options) {
          if (state.active) onRelease(socket);
          return original.call(this, socket, options);
        },
    ),
    // Node 22.12 and up.
    subscribeUnguarded<CreatedMessage>('http.client.request.created', onCreated),
    () => {
      patched = undefined;
    },
  ]);
  const isPatched = nodes.addRequest !== addRequest && nodes.removeSocket !== removeSocket;
  patched = isPatched ? { addRequest: nodes.addRequest, removeSocket: nodes.removeSocket } : undefined;
  return undo;
}

interface CreatedMessage {
  readonly request: ObservedRequest;
}

/** An agent that does not extend Node's does not call our `addRequest`: that it was asked is seen only here. */
function onCreated(message: CreatedMessage): void {
  try {
    const { request } = message;
    if (!isOfNodesPool(request)) onAgentAsked(request);
  } catch (error) {
    reportFault(error);
  }
}

/** Whether the agent has Node's methods with our patches, and no other wrapper around them. */
function isNodesPool(agent: Pool): boolean {
  return (
    patched !== undefined && agent.addRequest === patched.addRequest && agent.removeSocket === patched.removeSocket
  );
}

/** Such a pool that creates its sockets as Node's agents do: what fails there fails the request. */
export function createsAsNode(agent: Pool): boolean {
  return isNodesPool(agent) && agent.createSocket === nodes.createSocket;
}

/** The agent of the request is such a pool. */
export function isOfNodesPool(request: ObservedRequest): boolean {
  const agent = field(request, 'agent') as Pool | null | undefined;
  return agent != null && isNodesPool(agent);
}

/**
 * Whether an agent connects through a proxy. Such agents present the proxy's refusal to make a tunnel as if the origin
 * had answered, on a socket without a handle.
 */
export function isProxyAgent(agent: unknown): boolean {
  return property(agent, 'proxy') != null;
}

/** The agent creates connections in its own way, or is not one of Node's: the span of the request is found right now. */
function onAgentAsked(request: unknown): void {
  if (!(request instanceof http.ClientRequest) || exchangeOf(request) !== undefined) return;
  const exchange = openUnconnected(request, now());
  if (property(exchange.request.agent, 'createSocket') !== nodes.createSocket) take(exchange);
}

/** The agent was asked, and had no connection for the request: if it does not create one either, the request waits. */
function onUnassigned(request: unknown): void {
  if (!(request instanceof http.ClientRequest)) return;
  const exchange = exchangeOf(request) ?? openUnconnected(request, now());
  if (exchange.connection !== undefined || exchange.isConnecting) return;
  exchange.queued = read(exchange.request, NODE.queueOptions) !== undefined;
}
