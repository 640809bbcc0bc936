use expect_test::{Expect, expect};

use crate::format;

/// The layout of a text, which is also its own.
fn laid(text: &str, expected: &Expect) {
    let laid = format(text);
    assert_eq!(laid.defect, None);
    assert_eq!(format(&laid.text).text, laid.text);
    expected.assert_eq(&laid.text);
}

#[test]
fn the_examples_are_laid_out_already() {
    for (name, text) in crate::tests::files("../../examples/quickstart") {
        assert_eq!(format(&text).text, text, "{name}");
    }
}

#[test]
fn the_layout_of_the_languages_examples_is_stable() {
    for (name, text) in crate::tests::files("tests/corpus") {
        let laid = format(&text);
        assert_eq!(laid.defect, None, "{name}");
        assert_eq!(format(&laid.text).text, laid.text, "{name}");
    }
}

#[test]
fn neighbouring_attributes_are_aligned_until_a_comment_a_blank_line_or_a_long_value() {
    laid(
        "model m {\na=1\nlong_name   = 2\n// apart\nb = 3\n\n\n\nlonger=4\nc = {\nx=1\nyy=2 }\nlongest_of_all = 5\n}",
        &expect![[r#"
            model m {
              a         = 1
              long_name = 2
              // apart
              b = 3

              longer = 4
              c      = {
                x  = 1
                yy = 2
              }
              longest_of_all = 5
            }
        "#]],
    );
}

#[test]
fn what_does_not_fit_opens_at_its_brackets() {
    laid(
        "a = [\"one value that is long\", \"another value that is long\", \"and a third value that is long too, in fact\"]\n\
         b = f(one: \"a value that is long\", two: { a = 1, b = 2 }, three: \"another value that is rather long\")\n\
         c = first_of_some_long_names > 1 and second_of_some_long_names > 2 and third_of_some_long_names > 3_000\n\
         require some_quite_long_metric_name >= another_quite_long_metric_name - 5pp else \"a rather long message\"\n",
        &expect![[r#"
            a = [
              "one value that is long",
              "another value that is long",
              "and a third value that is long too, in fact",
            ]
            b = f(
              one: "a value that is long",
              two: { a = 1, b = 2 },
              three: "another value that is rather long",
            )
            c = first_of_some_long_names > 1
              and second_of_some_long_names > 2
              and third_of_some_long_names > 3_000
            require some_quite_long_metric_name >= another_quite_long_metric_name - 5pp else
                "a rather long message"
        "#]],
    );
}

#[test]
fn comments_stay_where_they_are() {
    laid(
        "a = [ // opening\n1, // first\n// own\n2\n// last\n] // behind\n/// doc\nb { // block\n// only\n}\nc = 1 + // odd\n   2\n",
        &expect![[r#"
            a = [ // opening
              1, // first
              // own
              2,
              // last
            ] // behind

            /// doc
            b { // block
              // only
            }

            c = 1 + // odd
               2
        "#]],
    );
}

#[test]
fn blocks_stand_apart_and_short_ones_may_stay_on_a_line() {
    laid(
        "a = 1\nb x {\n\n\ny = 1\n\n}\n// leads c\nc z { q = 1 }\nd w {}\ncompare x { a = 1\n }\nrequire y\n",
        &expect![[r#"
            a = 1

            b x {
              y = 1
            }

            // leads c
            c z { q = 1 }
            d w {}
            compare x {
              a = 1
            }
            require y
        "#]],
    );
}

#[test]
fn broken_statements_and_switched_off_stretches_stay_as_written() {
    laid(
        "model m {\n    a   =   +\n  b:    2\n c   = 3\n// fmt: off\nd   =   4\n    e =    [1,2]\n// fmt: on\nf   = 6\n}\n",
        &expect![[r#"
            model m {
              a   =   +
              b:    2
              c = 3
              // fmt: off
            d   =   4
                e =    [1,2]
            // fmt: on
              f = 6
            }
        "#]],
    );
}

#[test]
fn a_block_behind_a_broken_head_stays_as_written() {
    laid(
        "@since}(1)\nb = 2\n",
        &expect![[r#"
        @since}(1)
        b = 2
    "#]],
    );
    laid(
        "a (b c = { x  = 1\n   y=2 }\nz  = 3\n",
        &expect![[r#"
        a (b c = { x  = 1
           y=2 }

        z = 3
    "#]],
    );
}

#[test]
fn uses_are_sorted_numbers_grouped_and_operators_spaced() {
    laid(
        "use \"./z.suho\" {b,a as c}\nuse std.ml // ours\nuse \"./a.suho\"\n\na = 100000 USD + 1.50  EUR\nb=1..2\nc = -x*3-not y\nd = 9999 + 1_0000ms\ne : \n",
        &expect![[r#"
            use std.ml // ours
            use "./a.suho"
            use "./z.suho" { b, a as c }

            a = 100_000 USD + 1.50 EUR
            b = 1 .. 2
            c = -x * 3 - not y
            d = 9999 + 10_000ms
            e :
        "#]],
    );
}

#[test]
fn an_annotation_alone_in_a_block_of_one_line_stays_there() {
    laid(
        "step a { @since(\"1\")  }\nstep b {  @since( \"1\" ) @since(\"2\") }\n",
        &expect![[r#"
            step a { @since("1") }

            step b {
              @since( "1" ) @since("2")
            }
        "#]],
    );
}

#[test]
fn a_comma_that_is_broken_takes_its_comment_to_its_line() {
    laid(
        "edition 2026\n\nproject p {,// c\n\n  timezone = \"UTC\"\n}\n",
        &expect![[r#"
            edition 2026

            project p {
              ,// c

              timezone = "UTC"
            }
        "#]],
    );
}
