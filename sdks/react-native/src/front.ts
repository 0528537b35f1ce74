import { AppState } from 'react-native';
import type { NativeParts } from './parts.js';

/** Whether the application is in front, as React Native says. */
export const front: NativeParts['front'] = {
  now: () => AppState.currentState === 'active',
  watch(changed) {
    const subscription = AppState.addEventListener('change', changed);
    return () => subscription.remove();
  },
};
