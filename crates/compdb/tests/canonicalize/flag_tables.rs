//! The script has a table of flags of its own, because it must run without anything of ours. Here
//! it is compared with the table of the crate.

use compdb::flags::{self, Operand, Treatment, Value};

use super::Tree;

/// Flags whose paths the crate has no use for, so that for it they are no paths.
const PATHS_FOR_THE_SCRIPT_ONLY: [&str; 6] =
    ["--dumpdir", "-dumpdir", "--gcc-triple=", "-fplugin=", "--specs=", "-specs="];

#[test]
fn both_tables_agree_on_paths_and_on_values() {
    let tree = Tree::new();
    tree.write("build/x.c", "");
    let (mut flags_tried, mut commands) = (Vec::new(), Vec::new());
    for flag in flags::all() {
        let is_separate = matches!(flag.value, Value::Separate | Value::JoinedOrSeparate);
        let is_joined = matches!(flag.value, Value::Joined | Value::JoinedOrSeparate);
        let is_path = flag.operand != Operand::Text;
        if is_separate {
            // An input follows, so that a value which the script does not take shows.
            flags_tried.push((flag, false));
            let words = ["gcc", flag.name, "name", "sub/../x.c"];
            commands.push(words.map(str::to_owned).to_vec());
        }
        if is_joined && is_path {
            flags_tried.push((flag, true));
            commands.push(vec!["gcc".into(), format!("{}sub/../x", flag.name)]);
        }
    }
    let build = tree.root.join("build");
    let results = tree.arguments(&commands);
    assert!(results.len() > 100, "only {} flags", results.len());
    for ((flag, is_joined), result) in flags_tried.into_iter().zip(results) {
        if is_joined {
            assert!(result[1].starts_with(&format!("{}{build}/", flag.name)), "{result:?}");
            continue;
        }
        let absolute = build.join("name").to_string();
        let is_path = flag.operand != Operand::Text;
        let is_nested = matches!(flag.treatment, Treatment::Translate(_));
        if is_path && !is_nested {
            assert_eq!(result[2], absolute, "{}", flag.name);
        } else if !PATHS_FOR_THE_SCRIPT_ONLY.contains(&flag.name) {
            assert_eq!(result[2], "name", "{}", flag.name);
        }
        assert_eq!(result[3], build.join("x.c").as_str(), "{} takes one value", flag.name);
    }
}
