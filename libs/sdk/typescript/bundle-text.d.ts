/** A script for the browser, embedded as text: `import page from './page.bundle.js' with { type: 'text' }`. */
declare module '*.bundle.js' {
  const text: string;
  export default text;
}
