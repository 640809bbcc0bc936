use super::*;
use std::fmt::Write as _;

/// A few lines of a library.
struct Small;

impl World for Small {
    fn prelude(&self) -> Vec<(String, String)> {
        let text = "edition 2026

enum Pace {
  steady
  growing(by: Ratio = 10%)
}

record Shape {
  in name: Text
  in sides: Int = 4
  in pace: Pace = growing()
}

resource shape: Shape

record StepAttributes {
  in timeout: Duration? = none
}

step draw {
  in shape: Shape
  in share: Ratio = 50%
  in until: Text? = none
  out count: Int
}
";
        vec![("core.suho".to_owned(), text.to_owned())]
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let text =
            "edition 2026\n\nlet base = 5%\n\nshape square {\n  pace = growing(by: base)\n}\n";
        Ok((path.trim_start_matches("./").to_owned(), text.to_owned()))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

const MAIN: &str = "edition 2026

use \"./shapes.suho\" { square, base as least }

env prod {
  p.share = 30%
}

pipeline p(it: Shape = square, share: Ratio = least * 2) {
  let own = it with { sides = 3 }
  draw a {
    shape = own
    share = share
  }
  draw b {
    shape = own with { pace = steady }
  }
}
";

/// The chain as lines: kind, name, text, place; indented by depth.
fn chain(path: &str, environment: Option<&str>, arguments: &[(&str, &str)]) -> String {
    called(path, environment, arguments, None)
}

/// As [`chain`], where something calls the pipeline.
fn called(
    path: &str,
    environment: Option<&str>,
    arguments: &[(&str, &str)],
    call: Option<Caller<'_>>,
) -> String {
    let arguments: Vec<_> =
        arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let question = Question { pipeline: "p", path, environment, arguments: &arguments, call };
    let files = [("main.suho".to_owned(), MAIN.to_owned())];
    match origins(&files, &Small, &question) {
        Err(none) => format!("no `{}`: {}", none.part, none.known.join(", ")),
        Ok(links) => links.iter().fold(String::new(), |mut text, link| {
            let place = link.place.as_ref().map(|it| format!("{}:{}", it.file, it.line));
            let over = if link.is_overridden { " (overridden)" } else { "" };
            let (origin, name) = (link.origin, &link.name);
            let indent = "  ".repeat(link.depth);
            writeln!(
                text,
                "{indent}{origin:?} {name} `{}` {}{over}",
                link.text,
                place.unwrap_or_default()
            )
            .unwrap();
            text
        }),
    }
}

#[test]
fn a_parameter_goes_from_its_default_to_the_lets_it_is_made_of() {
    let expected = "Default share `least * 2` main.suho:9\n  Let least `5%` shapes.suho:3\n";
    assert_eq!(chain("share", None, &[]), expected);
}

#[test]
fn what_is_stronger_is_told_first_and_what_is_weaker_too() {
    let expected = "Argument share `25%` \nEnvironment share `30%` main.suho:6 (overridden)\nDefault share `least * 2` main.suho:9 (overridden)\n";
    assert_eq!(chain("share", Some("prod"), &[("share", "20%"), ("share", "25%")]), expected);
}

#[test]
fn what_a_call_gives_is_weaker_than_the_command_line_and_stronger_than_the_environment() {
    let place = Place { file: "main.suho".to_owned(), line: 40 };
    let given = [("share".to_owned(), "35%".to_owned())];
    let caller = Some(Caller { place: &place, arguments: &given });
    let expected = "Call share `35%` main.suho:40\nEnvironment share `30%` main.suho:6 (overridden)\nDefault share `least * 2` main.suho:9 (overridden)\n";
    assert_eq!(called("share", Some("prod"), &[], caller), expected);
    let expected = "Argument share `25%` \nCall share `35%` main.suho:40 (overridden)\nDefault share `least * 2` main.suho:9 (overridden)\n";
    assert_eq!(called("share", None, &[("share", "25%")], caller), expected);
}

#[test]
fn an_attribute_leads_to_the_parameter_it_is_set_to() {
    let expected = "Attribute share `share` main.suho:13\nEnvironment share `30%` main.suho:6\nDefault share `least * 2` main.suho:9 (overridden)\n";
    assert_eq!(chain("a.share", Some("prod"), &[]), expected);
    assert_eq!(chain("b.share", None, &[]), "Library share `50%` std/core.suho:22\n");
}

#[test]
fn a_field_goes_through_overrides_resources_and_choices() {
    let sides = "Attribute shape `own` main.suho:12\nLet own `it with { sides = 3 }` main.suho:10\nOverride sides `3` main.suho:10\n";
    assert_eq!(chain("a.shape.sides", None, &[]), sides);
    let by = "Attribute shape `own` main.suho:12\nLet own `it with { sides = 3 }` main.suho:10\nDefault it `square` main.suho:9\nResource square `shape square` shapes.suho:5\nAttribute pace `growing(by: base)` shapes.suho:6\nField by `base` shapes.suho:6\nLet base `5%` shapes.suho:3\n";
    assert_eq!(chain("a.shape.pace.by", None, &[]), by);
    let name = "Default it `square` main.suho:9\nResource square `shape square` shapes.suho:5\nLibrary sides `4` std/core.suho:10\n";
    assert_eq!(chain("it.sides", None, &[]), name);
}

#[test]
fn what_nothing_is_called_is_told_with_what_there_is() {
    assert_eq!(chain("shar", None, &[]), "no `shar`: it, share, a.…, b.…");
    assert_eq!(chain("a.size", None, &[]), "no `size`: shape, share, until, timeout");
    assert_eq!(chain("a.until", None, &[]), "Follows until `none` std/core.suho:23\n");
}
