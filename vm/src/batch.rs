//! Many jobs in one go.

use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use crate::error::Error;
use crate::job::{Job, Outcome};
use crate::session::Session;

/// A list of jobs, run as parallel as the machine allows and in the emulator within one boot.
#[derive(Clone, Default, Debug)]
pub struct Batch {
    jobs: Vec<Job>,
}

impl Batch {
    /// An empty list.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Adds a job and gives its number in the list.
    pub fn push(&mut self, job: Job) -> usize {
        self.jobs.push(job);
        self.jobs.len() - 1
    }

    /// The jobs, in order.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Runs all jobs. Each result is delivered with the job's number as soon as it is there, in any
    /// order, on the calling thread.
    pub fn run(&self, session: &Session, mut on_result: impl FnMut(usize, Result<Outcome, Error>)) {
        let waiting = Mutex::new(self.jobs.iter().enumerate());
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..session.slots().min(self.jobs.len()) {
                let (sender, waiting) = (sender.clone(), &waiting);
                scope.spawn(move || {
                    loop {
                        let next = waiting.lock().expect("taking the next job cannot panic").next();
                        let Some((index, job)) = next else { return };
                        if sender.send((index, session.run(job))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (index, result) in results {
                on_result(index, result);
            }
        });
    }
}

impl Extend<Job> for Batch {
    fn extend<I: IntoIterator<Item = Job>>(&mut self, jobs: I) {
        self.jobs.extend(jobs);
    }
}
