export * from '@vestibule/react/b2b';
