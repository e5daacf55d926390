export { anyCharacter } from './any-character';
export { FakeClock } from './fake-clock';
export * from './generated-section';
