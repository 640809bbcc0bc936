use super::*;

#[test]
fn a_column_has_the_type_that_all_its_values_have() {
    let (null, one, half) = (Cell::Null, Cell::Integer(1), Cell::Number(0.5));
    let text = Cell::Text("x".to_owned());
    let rows = vec![vec![one.clone(), one, null.clone()], vec![null, half, text]];
    let columns = ["a", "b", "c"].map(str::to_owned).to_vec();
    let Table { columns } = table(Answer { columns, rows });
    assert_eq!(columns[0].1, TableColumn::Integers(vec![Some(1), None]));
    assert_eq!(columns[1].1, TableColumn::Numbers(vec![Some(1.0), Some(0.5)]));
    assert_eq!(columns[2].1, TableColumn::Texts(vec![None, Some("x".to_owned())]));
}
