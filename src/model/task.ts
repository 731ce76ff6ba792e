import { asArchiverError } from './errors.js';

/** Wraps a worker's task: its errors leave the thread as data, since an Error loses its code and details on the way. */
export function errorsAsData<Task, Result>(work: (task: Task) => Promise<Result>): (task: Task) => Promise<Result> {
  return async (task) => {
    try {
      return await work(task);
    } catch (error) {
      throw asArchiverError(error).toData();
    }
  };
}
