import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTimeOf } from '../../reaper/process-identity.mjs';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

/** No process has this pid. */
const ENDED = `owner-${2 ** 30}-1`;

describe('ProcessLock', () => {
  let directory: string;
  let lockDirectory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-lock-'));
    lockDirectory = join(directory, 'run');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const startTime = startTimeOf(process.pid);

  function leaveLock(...holders: string[]) {
    mkdirSync(lockDirectory);
    for (const holder of holders) writeFileSync(join(lockDirectory, holder), '');
  }

  function refusal(): LockedError {
    try {
      ProcessLock.acquire(lockDirectory);
    } catch (error) {
      if (error instanceof LockedError) return error;
    }
    throw new Error('the lock was acquired');
  }

  it('has one holder at a time and leaves no file behind', () => {
    const lock = ProcessLock.acquire(lockDirectory);
    expect(() => ProcessLock.acquire(lockDirectory)).toThrow(LockedError);
    lock.release();
    ProcessLock.acquire(lockDirectory).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('names the process that holds it', () => {
    ProcessLock.acquire(lockDirectory);
    expect(refusal()).toMatchObject({ pid: process.pid, isOwner: true });
  });

  describe('when its owner has ended', () => {
    it('is taken over', () => {
      leaveLock(ENDED);
      expect(() => ProcessLock.acquire(lockDirectory)).not.toThrow();
    });

    it('is taken over although another process reuses the pid', () => {
      leaveLock(`owner-${process.pid}-${startTime}0`);
      expect(() => ProcessLock.acquire(lockDirectory)).not.toThrow();
    });

    it('is taken over if no holder is left', () => {
      leaveLock();
      expect(() => ProcessLock.acquire(lockDirectory)).not.toThrow();
    });

    it('stays locked while a successor is alive', () => {
      leaveLock(ENDED, `successor-${process.pid}-${startTime}`);
      expect(refusal()).toMatchObject({ pid: process.pid, isOwner: false });
    });
  });
});
