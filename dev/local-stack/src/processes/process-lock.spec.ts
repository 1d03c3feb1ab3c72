import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTimeOf } from '../../reaper/process-identity.mjs';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

describe('ProcessLock', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-lock-'));
    file = join(directory, 'run.lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const startTime = startTimeOf(process.pid);

  function refusal(): LockedError {
    try {
      ProcessLock.acquire(file);
    } catch (error) {
      if (error instanceof LockedError) return error;
    }
    throw new Error('the lock was acquired');
  }

  it('has one holder at a time and leaves no file behind', () => {
    const lock = ProcessLock.acquire(file);
    expect(() => ProcessLock.acquire(file)).toThrow(LockedError);
    lock.release();
    ProcessLock.acquire(file).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('names the process that holds it', () => {
    ProcessLock.acquire(file);
    expect(refusal()).toMatchObject({ pid: process.pid, isOwner: true });
  });

  describe('when its owner has ended', () => {
    it('is taken over', () => {
      writeFileSync(file, JSON.stringify([{ pid: 2 ** 30, startTime: '1' }]));
      expect(() => ProcessLock.acquire(file)).not.toThrow();
    });

    it('is taken over although another process reuses the pid', () => {
      writeFileSync(file, JSON.stringify([{ pid: process.pid, startTime: `${startTime}0` }]));
      expect(() => ProcessLock.acquire(file)).not.toThrow();
    });

    it('is taken over if the file is empty', () => {
      writeFileSync(file, '');
      expect(() => ProcessLock.acquire(file)).not.toThrow();
    });

    it('stays locked while a successor is alive', () => {
      const owner = { pid: 2 ** 30, startTime: '1' };
      writeFileSync(file, JSON.stringify([owner, { pid: process.pid, startTime }]));
      expect(refusal()).toMatchObject({ pid: process.pid, isOwner: false });
    });
  });
});
