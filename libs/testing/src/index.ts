export { FakeClock } from './fake-clock';
export * from './generated-section';
