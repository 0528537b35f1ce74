export const parts = () => undefined;
