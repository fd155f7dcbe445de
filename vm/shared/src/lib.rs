//! What the host and the guest agent share: the messages on the serial port between them, and the
//! supervision of one process, which is the same on either side.

pub mod frame;
pub mod message;
pub mod supervise;
