//! The virtio serial port to the host.

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use vm_shared::frame::{read_frame, write_frame};
use vm_shared::message::{FromGuest, PORT_NAME, ToGuest};

/// Where sysfs lists the ports.
const PORTS: &str = "/sys/class/virtio-ports";

/// The port: one reader, any number of writers.
pub(crate) struct Port {
    device: File,
    /// Held while a frame is written, so that frames never interleave.
    writing: Mutex<()>,
}

/// Opens the port; it appears a moment after its driver is loaded.
pub(crate) fn open() -> Result<Port, Box<dyn Error>> {
    for _ in 0..1000 {
        if let Some(path) = find()? {
            let device = OpenOptions::new().read(true).write(true).open(&path)?;
            return Ok(Port { device, writing: Mutex::new(()) });
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(format!("no virtio serial port named {PORT_NAME} appeared").into())
}

fn find() -> io::Result<Option<PathBuf>> {
    let Ok(ports) = fs::read_dir(PORTS) else { return Ok(None) };
    for port in ports {
        let port = port?;
        let name = fs::read_to_string(port.path().join("name")).unwrap_or_default();
        let device = PathBuf::from("/dev").join(port.file_name());
        if name.trim() == PORT_NAME && device.exists() {
            return Ok(Some(device));
        }
    }
    Ok(None)
}

impl Port {
    /// The next message, or `None` when the host has hung up.
    pub(crate) fn receive(&self) -> io::Result<Option<(ToGuest, Vec<u8>)>> {
        read_frame(&mut &self.device)
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: &FromGuest, data: &[u8]) -> io::Result<()> {
        let _writing = self.writing.lock().expect("no writer panics");
        write_frame(&mut &self.device, message, data)
    }
}
