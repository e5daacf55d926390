import { TestBed } from '@angular/core/testing';
import { jest } from '@jest/globals';
import { ThemeService } from './theme.service';

describe('ThemeService', () => {
  let darkQuery: { matches: boolean; addEventListener: (type: string, listener: Listener) => void };
  let systemChanges: Listener;
  type Listener = (event: { matches: boolean }) => void;

  beforeEach(() => {
    localStorage.clear();
    document.documentElement.style.colorScheme = '';
    darkQuery = { matches: false, addEventListener: (_, listener) => (systemChanges = listener) };
    window.matchMedia = jest.fn().mockReturnValue(darkQuery) as unknown as typeof window.matchMedia;
  });

  const start = (): ThemeService => TestBed.inject(ThemeService);

  it('[FE-4] follows the system until somebody chooses', () => {
    darkQuery.matches = true;
    const service = start();
    expect(service.choice()).toBe('system');
    expect(service.theme()).toBe('dark');
    systemChanges({ matches: false });
    expect(service.theme()).toBe('light');
  });

  it('[FE-4] keeps a choice whatever the system says, and gives it to the page', () => {
    const service = start();
    service.choose('dark');
    TestBed.tick();
    systemChanges({ matches: false });
    expect(service.theme()).toBe('dark');
    expect(document.documentElement.style.colorScheme).toBe('dark');

    service.choose('system');
    TestBed.tick();
    expect(document.documentElement.style.colorScheme).toBe('');
  });

  it('remembers the choice in this browser', () => {
    start().choose('light');
    TestBed.resetTestingModule();
    darkQuery.matches = true;
    expect(start().theme()).toBe('light');
  });

  it.each(['purple', '__proto__', ''])('takes the system where the browser remembers %j', (stored) => {
    localStorage.setItem('toru.theme', stored);
    expect(start().choice()).toBe('system');
  });
});
