// What a web build of an application for phones gets instead: the browser's client, under the same names.
export * from '@vestibule/react/hooks';
export * from '@vestibule/js/b2b';
