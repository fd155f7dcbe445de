//! Archives in the "newc" format of cpio, which the kernel unpacks as its first root file system
//! (`Documentation/driver-api/early-userspace/buffer-format.rst`).

/// An archive being written. The same entries give the same bytes: no times, no owners.
#[derive(Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

/// The file type and permission bits of an entry (`inode(7)`).
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Directory,
    Program(&'a [u8]),
    File(&'a [u8]),
    /// A character device with major and minor number.
    Device(u32, u32),
}

impl Archive {
    /// Adds an entry; its directory must have been added before. Names have no leading slash.
    pub(super) fn add(&mut self, name: &str, kind: Kind<'_>) {
        self.entries += 1;
        self.write(name, self.entries, kind);
    }

    /// Ends the archive and gives its bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.write("TRAILER!!!", 0, Kind::File(&[]));
        self.bytes
    }

    fn write(&mut self, name: &str, inode: u32, kind: Kind<'_>) {
        let (mode, device, data): (u32, _, &[u8]) = match kind {
            Kind::Directory => (0o040755, (0, 0), &[]),
            Kind::Program(data) => (0o100755, (0, 0), data),
            Kind::File(data) => (0o100644, (0, 0), data),
            Kind::Device(major, minor) => (0o020600, (major, minor), &[]),
        };
        let links = 1;
        let size = u32::try_from(data.len()).expect("files of the initramfs are below 4 GiB");
        let name_size = u32::try_from(name.len() + 1).expect("names are short");
        // In order: inode, mode, uid, gid, links, mtime, size, device of the file system (2), device
        // that the entry is (2), name size, checksum (unused in this format).
        let (major, minor) = device;
        let fields = [inode, mode, 0, 0, links, 0, size, 0, 0, major, minor, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(data);
        self.pad();
    }

    /// Headers and contents begin at multiples of four bytes.
    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_that_of_the_kernels_documentation() {
        let mut archive = Archive::default();
        archive.add("a", Kind::File(b"12345"));
        let bytes = archive.finish();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(
            &text[..110],
            "070701000000010000\
             81a400000000000000000000000100000000\
             0000000500000000000000000000000000000000\
             0000000200000000"
        );
        assert_eq!(&text[110..112], "a\0");
        assert_eq!(&text[112..120], "12345\0\0\0");
        assert_eq!(&text[120..126], "070701");
        assert!(text.trim_end_matches('\0').ends_with("TRAILER!!!"));
        assert_eq!(bytes.len() % 4, 0);
    }
}
