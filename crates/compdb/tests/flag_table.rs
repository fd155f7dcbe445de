//! The table of flags is sorted, says where its aliases lead, and agrees with gcc about values.

mod support;

use std::collections::BTreeSet;

use compdb::flags::{self, Polarity, Treatment, Value};

#[test]
fn names_are_sorted_and_unique() {
    // A flag out of order would not be found by the binary search.
    for flag in flags::all() {
        let found = flags::find(flag.name).unwrap_or_else(|| panic!("{} is not found", flag.name));
        assert_eq!(found.flag.name, flag.name);
        assert_eq!(found.polarity, Polarity::On);
    }
    let names: BTreeSet<&str> = flags::all().map(|flag| flag.name).collect();
    assert_eq!(names.len(), flags::all().count(), "no name is in two tables");
}

#[test]
fn long_options_lead_to_short_ones() {
    for flag in flags::all().filter(|flag| flag.canonical != flag.name) {
        let target = flags::find(flag.canonical).expect("the canonical name is a flag").flag;
        assert_eq!(target.name, flag.canonical, "{} leads nowhere", flag.name);
        assert_eq!(target.operand, flag.operand, "{}", flag.name);
        let treatment = |flag: &flags::Flag| std::mem::discriminant(&flag.treatment);
        assert_eq!(treatment(target), treatment(flag), "{}", flag.name);
        let is_kept = flag.treatment == Treatment::Keep && flag.value != Value::None;
        assert!(!is_kept || target.value != Value::None, "{} would lose its value", flag.name);
    }
}

#[test]
fn what_is_kept_can_be_joined_to_its_value() {
    // The analysis writes `-I/dir` and `--target=x`, never two arguments.
    for flag in flags::all().filter(|flag| flag.treatment == Treatment::Keep) {
        let canonical = flags::find(flag.canonical).expect("checked above").flag;
        assert_ne!(canonical.value, Value::Separate, "{}", flag.name);
    }
}

#[test]
fn the_longest_name_wins_and_no_is_understood() {
    let name = |argument: &str| flags::find(argument).map(|f| (f.flag.name, f.polarity));
    use Polarity::{Off, On};
    assert_eq!(name("-Wl,-z,now"), Some(("-Wl,", On)));
    assert_eq!(name("-Wall"), Some(("-W", On)));
    assert_eq!(name("-include-pch"), Some(("-include-pch", On)));
    assert_eq!(name("-includea.h"), Some(("-include", On)));
    assert_eq!(name("-idirafterx"), Some(("-idirafter", On)));
    assert_eq!(name("-MDx"), None, "-MD takes no value");
    assert_eq!(name("-fno-tree-vrp"), Some(("-ftree-", Off)));
    assert_eq!(name("-mno-avx512vl"), Some(("-mavx512", Off)));
    assert_eq!(name("-fno-split-stack"), Some(("-fsplit-stack", Off)));
    assert_eq!(name("-fno-such-thing"), None);
    assert_eq!(name("-ü"), None);
    assert_eq!(name("--"), None);
}

/// What gcc lists for a class of options: names up to the value, `<` and `[`.
fn listed(class: &str) -> BTreeSet<String> {
    let text = support::output("gcc", &[&format!("--help={class}")]).expect("gcc is installed");
    let lines = text.lines().filter(|line| line.starts_with("  -"));
    lines
        .filter_map(|line| line.split_whitespace().next())
        .map(|word| word.split(['<', '[']).next().unwrap_or(word).trim_end_matches('.').to_owned())
        .filter(|name| name.len() > 1 && !name.starts_with("-f") || name.len() > 3)
        .collect()
}

#[test]
fn every_flag_that_gcc_lists_is_known() {
    let version = support::output("gcc", &["-dumpversion"]).expect("gcc is installed");
    let major: u32 =
        version.trim().split('.').next().and_then(|n| n.parse().ok()).expect("a number");
    // Not for the driver, Modula-2 only, and `-fenable-[tree|rtl|ipa]-…`, which is in the table in its three forms.
    let others = ["-quiet", "-frequire-return-statement", "-fenable-"];
    let mut unknown = Vec::new();
    for class in ["common", "optimizers", "target", "c", "warnings"] {
        for name in listed(class) {
            if !others.contains(&name.as_str()) && flags::find(&name).is_none() {
                unknown.push(name);
            }
        }
    }
    // A newer gcc may know more than the table, an older one may not.
    assert!(unknown.is_empty() || major > 12, "not in the table: {unknown:?}");
}

#[test]
fn gcc_agrees_which_flags_take_the_next_argument() {
    let separate = listed("separate,c").into_iter().chain(listed("separate,common"));
    let mut count = 0;
    for name in separate.filter(|name| !name.ends_with('=')) {
        let Some(found) = flags::find(&name) else { panic!("{name} is not in the table") };
        let takes_next = matches!(found.flag.value, Value::Separate | Value::JoinedOrSeparate);
        // gcc lists the forms for its compiler proper, where these two take the file as a value.
        let differs = ["--write-dependencies", "--write-user-dependencies", "-MD", "-MMD"];
        assert!(takes_next || differs.contains(&name.as_str()), "{name} takes the next argument");
        count += 1;
    }
    assert!(count > 20, "gcc listed only {count}");
}
