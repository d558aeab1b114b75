import http from 'node:http';
import {
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { socketFailureOf } from 'opentelemetry-instrumentation-socket';
import { DEADLINE_MS, fullJitterMs, IDLE_TIMEOUT_MS, isWorthRetrying, RETRIES } from '../policy';
import type { Call, Client } from './client';

const Bucket = 'bucket';

type Refresh = StandardRetryStrategy['refreshRetryTokenForRetry'];

/**
 * The SDK's own strategy, and its budget. Where a connection failed, the verdict decides. What has none was answered
 * (throttled, say): the SDK knows best.
 */
class RetryWhatIsSafe extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
    if (socketFailureOf(info.error) === undefined) return super.refreshRetryTokenForRetry(token, info);
    if (!isWorthRetrying(info.error)) throw info.error;
    return super.refreshRetryTokenForRetry(token, { ...info, errorType: 'TRANSIENT' });
  }
}

function s3(endpoint: string, config: S3ClientConfig = {}): S3Client {
  const credentials = { accessKeyId: 'id', secretAccessKey: 'key' };
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials, ...config });
}

/**
 * The SDK reads the answers to these three inside its retries. That of GetObject is a stream, which the program reads
 * after them: it needs a policy of its own around both.
 */
function send(client: S3Client, { method, name, body }: Call, options = {}): Promise<unknown> {
  if (method === 'GET') return client.send(new ListObjectsV2Command({ Bucket, Prefix: name }), options);
  if (method === 'PUT')
    return client.send(new PutObjectCommand({ Bucket, Key: name, ...(body && { Body: body }) }), options);
  return client.send(new CreateMultipartUploadCommand({ Bucket, Key: name }), options);
}

export const client: Client = {
  naive(origin) {
    const instance = s3(origin);
    return (call) => send(instance, call);
  },
  fixed(origin) {
    const instance = s3(origin, {
      requestHandler: new NodeHttpHandler({
        httpAgent: new http.Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS }),
      }),
      retryStrategy: new RetryWhatIsSafe({
        maxAttempts: RETRIES + 1,
        backoff: { computeNextBackoffDelay: (retries) => fullJitterMs(retries + 1), setDelayBase: () => undefined },
      }),
    });
    return (call) => send(instance, call, { abortSignal: AbortSignal.timeout(DEADLINE_MS) });
  },
};
