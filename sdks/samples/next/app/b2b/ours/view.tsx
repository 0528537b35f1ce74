'use client';

import * as b2b from '@vestibule/next/b2b';
import { pageOf } from '../../../lib/b2b';

export const View = pageOf(b2b);
