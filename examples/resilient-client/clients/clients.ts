import { agentkeepalive } from './agentkeepalive';
import { aws } from './aws';
import { axiosWithRetry } from './axios';
import type { Client } from './client';
import { got } from './got';
import { httpAgent } from './http-agent';
import { undici } from './undici';

export const clients: readonly Client[] = [httpAgent, agentkeepalive, undici, axiosWithRetry, got, aws];
