// Of a phone's components as much as the samples use.
declare module 'react-native' {
  import type { ReactElement, ReactNode } from 'react';
  export const View: (props: { children?: ReactNode }) => ReactElement;
  export const Text: (props: { children?: ReactNode }) => ReactElement;
  export const TouchableOpacity: (props: { onPress?: () => void; children?: ReactNode }) => ReactElement;
}
