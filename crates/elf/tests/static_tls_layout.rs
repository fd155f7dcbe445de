//! Padding against a model of how glibc lays out static TLS: any mixture of executables, padded,
//! untouched and page-granular modules.

use elf::{Segment, TlsPadding};
use layout::tls_padding::{Obstacle, Storage, TlsBlock, key_pages};
use proptest::prelude::*;

const PAGE: u64 = 4096;
/// Where the model puts the thread pointer; a multiple of every alignment in use.
const THREAD_POINTER: u64 = 1 << 32;

/// The TLS segment of a module, as a linker makes it.
#[derive(Clone, Debug)]
struct Module {
    segment: Segment,
    treatment: Treatment,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Treatment {
    Untouched,
    Padded,
    PadSection,
}

impl Module {
    /// The segment the loader sees.
    fn loaded(&self) -> Segment {
        match self.treatment {
            Treatment::Untouched | Treatment::PadSection => self.segment,
            Treatment::Padded => match elf_padding(&self.segment) {
                TlsPadding::Needed(edit) => *edit.segment(),
                TlsPadding::WholePages { .. } => self.segment,
                other => panic!("{:?}: {other:?}", self.segment),
            },
        }
    }

    fn starts_at_page(&self) -> bool {
        self.treatment != Treatment::Untouched && self.loaded().address.0.is_multiple_of(PAGE)
    }
}

/// Pads the segment by way of a file that has just this one, as `pad-tls` does.
fn elf_padding(segment: &Segment) -> TlsPadding {
    let file = minimal_file(segment);
    elf::ElfFile::open(&file).expect("a valid file").tls_padding().expect("a shared object")
}

/// A shared object of nothing but a file header and one program header.
fn minimal_file(segment: &Segment) -> Vec<u8> {
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    file.resize(16, 0);
    file.extend(3u16.to_le_bytes()); // ET_DYN
    file.extend(62u16.to_le_bytes()); // EM_X86_64
    file.extend(1u32.to_le_bytes());
    file.extend(0u64.to_le_bytes()); // entry
    file.extend(64u64.to_le_bytes()); // program headers
    file.extend(0u64.to_le_bytes()); // section headers
    file.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 1, 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    for half in [7u32, segment.flags.bits()] {
        file.extend(half.to_le_bytes());
    }
    let place = [segment.file_offset, segment.address.0, segment.physical_address];
    let extent = [segment.file_size, segment.memory_size, segment.align];
    for word in place.into_iter().chain(extent) {
        file.extend(word.to_le_bytes());
    }
    file.resize((segment.file_offset + segment.file_size).max(120) as usize, 0);
    file
}

/// How glibc 2.31 to 2.41 places the modules that are loaded with the program: downwards from the
/// thread pointer, filling the largest gap that alignment left so far.
fn place(modules: &[Module]) -> Vec<TlsBlock> {
    let (mut offset, mut gap_top, mut gap_bottom) = (0u64, 0u64, 0u64);
    let mut blocks = Vec::new();
    for module in modules {
        let segment = module.loaded();
        let align = segment.align.max(1);
        let size = segment.memory_size;
        let first_byte = segment.address.0.wrapping_neg() % align;
        // The unsigned subtraction must not wrap around in the C library either.
        let below = |from: u64| {
            let end = (from + size).checked_sub(first_byte).expect("no wrap-around");
            end.next_multiple_of(align) + first_byte
        };
        let in_gap = (gap_bottom - gap_top >= size).then(|| below(gap_top));
        let position = match in_gap.filter(|&end| end <= gap_bottom) {
            Some(end) => {
                gap_top = end;
                end
            }
            None => {
                let end = below(offset);
                if end > offset + size + (gap_bottom - gap_top) {
                    (gap_top, gap_bottom) = (offset, end - size);
                }
                offset = end;
                end
            }
        };
        let start = (THREAD_POINTER - position) as usize;
        blocks.push(TlsBlock::new(start, size, segment.flags.bits(), Storage::Static));
    }
    blocks
}

/// Where glibc 2.41 and later put the area shared with the kernel (`rseq`): below all modules. It is
/// never keyed, because the kernel writes it whatever runs.
fn rseq_area(blocks: &[TlsBlock]) -> TlsBlock {
    const SIZE: usize = 32;
    let lowest = blocks.iter().map(|block| block.start).min().expect("a module");
    let start = lowest / SIZE * SIZE - SIZE;
    TlsBlock { start, size: SIZE, live: SIZE, storage: Storage::Static }
}

fn module(treatment: impl Strategy<Value = Treatment>) -> impl Strategy<Value = Module> {
    let align = prop_oneof![4 => 0u32..=6, 1 => 7u32..=14].prop_map(|bits| 1u64 << bits);
    let image = prop_oneof![Just(0u64), 1u64..200, 1u64..6000];
    let zeros = prop_oneof![1u64..200, 1u64..20_000];
    let address = 0x1000u64..0x20_0000;
    (treatment, align, image, zeros, address).prop_map(
        |(treatment, align, image, zeros, address)| {
            let mut segment = Segment {
                address: elf::Address(address / align * align),
                file_offset: 64,
                file_size: image,
                memory_size: image + zeros,
                align,
                ..tls_segment()
            };
            if treatment == Treatment::PadSection {
                segment.align = align.max(PAGE);
                segment.address = elf::Address(address / segment.align * segment.align);
                segment.memory_size = (image + zeros).next_multiple_of(PAGE);
            }
            Module { segment, treatment }
        },
    )
}

/// A TLS segment without contents, read from a file because that is the only way to one.
fn tls_segment() -> Segment {
    let mut file = minimal_file(&Segment {
        kind: elf::SegmentKind::Tls,
        flags: elf::SegmentFlags::default(),
        file_offset: 64,
        file_size: 0,
        address: elf::Address(0),
        physical_address: 0,
        memory_size: 0,
        align: 1,
        header_offset: 64,
    });
    file[68] = 4; // PF_R
    *elf::ElfFile::open(&file).expect("a valid file").tls().expect("the one segment")
}

fn any_treatment() -> impl Strategy<Value = Treatment> {
    prop_oneof![Just(Treatment::Untouched), Just(Treatment::Padded), Just(Treatment::PadSection)]
}

fn check_model(modules: &[Module], blocks: &[TlsBlock]) {
    for (module, block) in modules.iter().zip(blocks) {
        let segment = module.loaded();
        let align = segment.align.max(1) as usize;
        assert_eq!(block.start % align, segment.address.0 as usize % align);
        assert_eq!(block.live as u64, module.segment.memory_size, "the record is right");
        let original = module.segment.align.max(1);
        let wanted = module.segment.address.0 % original;
        assert_eq!(block.start as u64 % original, wanted, "the original alignment holds");
    }
    let mut sorted: Vec<_> = blocks.iter().map(|b| (b.start, b.start + b.size)).collect();
    sorted.sort_unstable();
    assert!(sorted.windows(2).all(|pair| pair[0].1 <= pair[1].0), "blocks overlap: {sorted:x?}");
}

/// What `key_pages` should say, by looking at every page and every module.
fn expected(blocks: &[TlsBlock], module: usize) -> bool {
    let page = |address: usize| address / PAGE as usize;
    let own = page(blocks[module].start)..=page(blocks[module].start + blocks[module].live - 1);
    own.end() < &page(THREAD_POINTER as usize)
        && blocks.iter().enumerate().filter(|(index, _)| *index != module).all(|(_, other)| {
            (page(other.start)..=page(other.start + other.live - 1)).all(|p| {
                // A shared page is harmless only if the other's data on it is none.
                !own.contains(&p)
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        // The cases that once failed are described by the properties themselves.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// If every shared object is padded or has our pad section, each can have its key. The program
    /// itself may be as it is, unless it aligns its variables to more than a page: then the C
    /// library may put a module right behind them.
    #[test]
    fn padded_modules_never_get_in_each_others_way(
        program in module(Just(Treatment::Untouched))
            .prop_filter("alignment", |program| program.segment.align <= PAGE),
        libraries in prop::collection::vec(
            module(prop_oneof![Just(Treatment::Padded), Just(Treatment::PadSection)]), 1..12),
    ) {
        let mut modules = vec![program];
        modules.extend(libraries);
        let blocks = place(&modules);
        check_model(&modules, &blocks);
        for index in 1..blocks.len() {
            let pages = key_pages(&blocks, index, THREAD_POINTER as usize);
            prop_assert!(pages.is_ok(), "{index}: {pages:?}\n{modules:#x?}\n{blocks:#x?}");
        }
    }

    /// A module that starts at a page boundary can have its key whatever is loaded beside it.
    #[test]
    fn whole_pages_need_no_help_from_the_neighbours(
        modules in prop::collection::vec(module(any_treatment()), 1..12),
    ) {
        let mut blocks = place(&modules);
        check_model(&modules, &blocks);
        blocks.push(rseq_area(&blocks));
        for (index, module) in modules.iter().enumerate() {
            if module.starts_at_page() {
                let pages = key_pages(&blocks, index, THREAD_POINTER as usize);
                prop_assert!(pages.is_ok(), "{index}: {pages:?}\n{modules:#x?}\n{blocks:#x?}");
            }
        }
    }

    /// The answer is right for untouched modules too, and an obstacle is really there.
    #[test]
    fn every_answer_is_right(modules in prop::collection::vec(module(any_treatment()), 1..8)) {
        let mut blocks = place(&modules);
        blocks.push(rseq_area(&blocks));
        for index in 0..blocks.len() {
            let answer = key_pages(&blocks, index, THREAD_POINTER as usize);
            prop_assert_eq!(answer.is_ok(), expected(&blocks, index), "{}: {:x?}", index, blocks);
            if let Err(Obstacle::Module(other)) = answer {
                prop_assert!(blocks[other].has_data_in(&blocks[index].pages()));
            }
        }
    }

    /// On the heap a block starts at a multiple of its alignment and ends among foreign data.
    #[test]
    fn padded_blocks_on_the_heap_cover_their_pages(module in module(Just(Treatment::Padded))) {
        let segment = module.loaded();
        let start = segment.align.max(PAGE) as usize * 3;
        let block =
            TlsBlock::new(start, segment.memory_size, segment.flags.bits(), Storage::Dynamic);
        let pages = key_pages(&[block], 0, THREAD_POINTER as usize);
        prop_assert!(pages.is_ok(), "{segment:#x?}");
    }

    /// A padded segment is recognised, also when a tool has computed its size anew.
    #[test]
    fn padding_is_recognised_and_can_be_restored(module in module(Just(Treatment::Padded))) {
        let original = module.segment.memory_size;
        let segment = module.loaded();
        if segment == module.segment {
            return Ok(());
        }
        let size = segment.memory_size;
        prop_assert_eq!(elf_padding(&segment), TlsPadding::Padded { original, size });
        // What GNU strip makes of it: the end of the sections, seen from the start of the segment.
        let end = module.segment.address.0 + original;
        let stripped = Segment { memory_size: end - segment.address.0, ..segment };
        let TlsPadding::Needed(edit) = elf_padding(&stripped) else {
            prop_assert_eq!(stripped.memory_size, size, "only a whole segment needs nothing");
            return Ok(());
        };
        prop_assert_eq!(*edit.segment(), segment);
    }
}
