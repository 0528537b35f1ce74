/** Cookies by name: `cookies()` and requests of the App Router, or the record that the Pages Router has. */
export type Jar = { get(name: string): { value: string } | undefined } | Partial<Record<string, string>>;

/** Where a page's cookies are: `cookies()` or what it resolves with, a request of either router, or its cookies. */
export type Source = Jar | { cookies: Jar } | Promise<Jar>;

/** How `source` is asked for a cookie. Anybody may send cookies of any name: one that is called `get` or `cookies` is a text. */
export async function reader(source: Source): Promise<(name: string) => string | undefined> {
  const given = await source;
  const { cookies } = given as { cookies?: unknown };
  const jar = (typeof cookies === 'object' && cookies ? cookies : given) as Jar;
  return (name) => (typeof jar.get === 'function' ? jar.get(name)?.value : (jar as Record<string, string | undefined>)[name]);
}
