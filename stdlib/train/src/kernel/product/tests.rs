use super::*;
use crate::kernel::machine::with_each;

/// `count` numbers between −1 and 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn every_machine_gives_the_same_bits_and_they_agree_with_double_precision() {
    // Rows, terms, columns: less than a strip and a panel, as much, a little more; and none.
    let sides = [[1, 1, 1], [2, 3, 31], [8, 5, 32], [9, 40, 33], [17, 2, 70], [3, 0, 5], [0, 4, 4]];
    for ([rows, terms, columns], a_lies, b_lies) in
        sides.into_iter().flat_map(|it| [(it, 0, 0), (it, 0, 1), (it, 1, 0), (it, 1, 1)])
    {
        let (a, b) = (numbers(rows * terms, 1), numbers(terms * columns, 2));
        let there = numbers(rows * columns, 3);
        let left = if a_lies == 0 {
            Matrix::new(&a, rows, terms)
        } else {
            Matrix::new(&a, terms, rows).transposed()
        };
        let right = if b_lies == 0 {
            Matrix::new(&b, terms, columns)
        } else {
            Matrix::new(&b, columns, terms).transposed()
        };
        let answers = with_each(&there, left, &Panels::of(right));
        let mut ours = there.clone();
        add_product(&mut ours, left, &Panels::of(right));
        for answer in &answers {
            assert_eq!(answer, &ours, "{rows} × {terms} × {columns}");
        }
        for (at, ours) in ours.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let of_a =
                |term| if a_lies == 0 { a[row * terms + term] } else { a[term * rows + row] };
            let of_b = |term| {
                if b_lies == 0 { b[term * columns + column] } else { b[column * terms + term] }
            };
            let products = (0..terms).map(|it| f64::from(of_a(it)) * f64::from(of_b(it)));
            let exact = f64::from(there[at]) + products.sum::<f64>();
            assert!((f64::from(*ours) - exact).abs() < 1e-5, "{ours} instead of {exact}");
        }
    }
}

#[test]
#[should_panic(expected = "the inner sides of a product differ")]
fn factors_that_do_not_fit_are_refused() {
    add_product(&mut [0.0], Matrix::new(&[1.0], 1, 1), &Panels::of(Matrix::new(&[1.0; 2], 2, 1)));
}
