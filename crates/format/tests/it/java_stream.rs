//! The reader of Java object streams, on one small stream per element of its grammar
//! (docs/format.md 7.1) and one per way to be wrong.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::byte_table;

use byte_table::bytes;
use statescope::java_stream::{
    self, JavaArray, JavaElements, JavaItem, JavaObject, JavaStream, JavaValue,
};
use statescope::{Limits, ParseError, ParseErrorKind};

/// The header and what the table says.
fn stream_of(table: &str) -> Vec<u8> {
    [&[0xAC, 0xED, 0, 5][..], &bytes(table)].concat()
}

/// Reads a stream to its end, and finds that no shorter one is one.
#[track_caller]
fn read(bytes: &[u8]) -> JavaStream<'_> {
    for length in 0..bytes.len() {
        let error = java_stream::parse(&bytes[..length], Limits::default())
            .expect_err(&format!("cut to {length} bytes"));
        assert!(
            error.offset() <= u64::try_from(length).expect("a length"),
            "{error}"
        );
        let says_so = matches!(
            error.kind(),
            ParseErrorKind::Truncated { .. } | ParseErrorKind::CountTooLarge { .. }
        );
        assert!(says_so, "cut to {length} bytes: {error}");
    }
    match java_stream::parse(bytes, Limits::default()) {
        Ok((stream, rest)) => {
            assert_eq!(rest, b"", "all of it is read");
            stream
        }
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn refused(table: &str) -> ParseError {
    java_stream::parse(&stream_of(table), Limits::default()).expect_err("an error")
}

#[track_caller]
fn object<'s, 'a>(stream: &'s JavaStream<'a>, value: JavaValue) -> &'s JavaObject<'a> {
    stream.object(value).expect("an object")
}

#[track_caller]
fn array<'s, 'a>(stream: &'s JavaStream<'a>) -> &'s JavaArray<'a> {
    match stream.item(stream.root()) {
        Some(JavaItem::Array(array)) => array,
        other => panic!("no array: {other:?}"),
    }
}

#[track_caller]
fn text(stream: &JavaStream<'_>, value: JavaValue) -> String {
    stream.string(value).expect("a string").to_string()
}

/// Class `A` with one field `n` of type int, and nothing above it.
const CLASS_A: &str = r#"
    72 00 01 "A"                 # class, name = "A"
    00 00 00 00 00 00 00 07      #   serialVersionUID = 7
    02 00 01                     #   serializable, fields = 1
    "I" 00 01 "n"                #   int n
    78 70                        #   no annotations, no super class
    "#;

#[test]
fn null_is_read() {
    let bytes = stream_of("70");
    assert_eq!(read(&bytes).root(), JavaValue::Null);
}

#[test]
fn strings_are_read_in_both_forms() {
    for table in [
        r#"74 00 03 "a" c3 b6               # string, 3 bytes"#,
        r#"7c 00 00 00 00 00 00 00 03 "a" c3 b6 # long string, 3 bytes"#,
    ] {
        let bytes = stream_of(table);
        let stream = read(&bytes);
        assert_eq!(text(&stream, stream.root()), "aö");
    }
}

#[test]
fn bytes_behind_the_object_are_handed_back() {
    let bytes = stream_of("70 01 02");
    let (_, rest) = java_stream::parse(&bytes, Limits::default()).expect("a stream");
    assert_eq!(rest, [1, 2]);
}

#[test]
fn an_object_has_the_fields_of_its_super_class_first() {
    let bytes = stream_of(
        r#"
        73                           # object
        72 00 01 "B"                 #   0: class B
        00 00 00 00 00 00 00 01 02   #     serialVersionUID = 1, serializable
        00 03                        #     fields = 3
        "Z" 00 01 "z"                #       boolean z
        "L" 00 01 "s"                #       String s
        74 00 12 "Ljava/lang/String;" #      1: its type
        "I" 00 01 "n"                #       int n, as in A
        78                           #     no annotations
        72 00 01 "A"                 #     2: super class A
        ff ff ff ff ff ff ff fe 02   #       serialVersionUID = -2, serializable
        00 01 "I" 00 01 "n"          #       int n
        78 70                        #       no annotations, no super class
        00 00 00 2a                  #   A.n = 42
        01                           #   B.z = true
        74 00 01 "x"                 #   B.s = "x"
        ff ff ff ff                  #   B.n = -1
        "#,
    );
    let stream = read(&bytes);
    let object = object(&stream, stream.root());
    assert_eq!(stream.class_name(object).expect("a class").to_str(), "B");
    let names: Vec<_> = object
        .fields
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(names, ["n", "z", "s", "n"]);
    assert_eq!(object.fields[0].1, JavaValue::Int(42));
    assert_eq!(object.field("z"), Some(JavaValue::Bool(true)));
    assert_eq!(text(&stream, object.field("s").expect("a field")), "x");
    assert_eq!(
        object.field("n"),
        Some(JavaValue::Int(-1)),
        "the most derived one"
    );
    assert_eq!(object.field("m"), None);
    let Some(JavaItem::Class(class)) = stream.item(JavaValue::Ref(object.class)) else {
        panic!("no class");
    };
    assert_eq!((class.serial_version_uid, class.flags), (1, 2));
    let types: Vec<_> = class.fields.iter().map(|field| field.type_code).collect();
    assert_eq!(types, *b"ZLI");
    match stream.item(JavaValue::Ref(class.super_class.expect("a super class"))) {
        Some(JavaItem::Class(class)) => {
            assert_eq!((&*class.name.to_str(), class.serial_version_uid), ("A", -2));
            assert_eq!(class.super_class, None);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_of_every_primitive_type_are_read() {
    let bytes = stream_of(
        r#"
        73 72 00 01 "P"              # object of a new class P
        00 00 00 00 00 00 00 00 02   #   serialVersionUID = 0, serializable
        00 08                        #   fields = 8
        "B" 00 01 "b" "C" 00 01 "c" "D" 00 01 "d" "F" 00 01 "f"
        "I" 00 01 "i" "J" 00 01 "j" "S" 00 01 "s" "Z" 00 01 "z"
        78 70                        #   no annotations, no super class
        80                           # b = -128
        26 03                        # c = U+2603
        3f f8 00 00 00 00 00 00      # d = 1.5
        bf 80 00 00                  # f = -1
        80 00 00 00                  # i = -2^31
        7f ff ff ff ff ff ff ff      # j = 2^63 - 1
        ff fe                        # s = -2
        02                           # z: everything but 0 is true
        "#,
    );
    let stream = read(&bytes);
    let values: Vec<_> = object(&stream, stream.root())
        .fields
        .iter()
        .map(|f| f.1)
        .collect();
    let expected = [
        JavaValue::Byte(i8::MIN),
        JavaValue::Char(0x2603),
        JavaValue::Double(1.5),
        JavaValue::Float(-1.0),
        JavaValue::Int(i32::MIN),
        JavaValue::Long(i64::MAX),
        JavaValue::Short(-2),
        JavaValue::Bool(true),
    ];
    assert_eq!(values, expected);
}

#[test]
fn references_count_every_item_in_the_order_of_the_specification() {
    let bytes = stream_of(
        r#"
        75                           # array
        72 00 13 "[Ljava.lang.Object;" #   0: its class
        00 00 00 00 00 00 00 00      #     serialVersionUID = 0
        02 00 00 78 70               #     serializable, no fields, no super class
                                     #   1: the array itself
        00 00 00 05                  #   elements = 5
        74 00 01 "x"                 #     2: "x"
        71 00 7e 00 02               #     reference to 2
        71 00 7e 00 01               #     reference to 1, the array that is being read
        71 00 7e 00 00               #     reference to 0, its class
        70                           #     null
        "#,
    );
    let stream = read(&bytes);
    let JavaElements::Objects(elements) = &array(&stream).elements else {
        panic!("no objects");
    };
    assert_eq!(text(&stream, elements[0]), "x");
    assert_eq!(elements[1], elements[0]);
    assert_eq!(elements[2], stream.root(), "arrays can hold themselves");
    assert_eq!(elements[3], JavaValue::Ref(array(&stream).class));
    assert_eq!(elements[4], JavaValue::Null);
}

#[test]
fn arrays_of_numbers_keep_their_bytes() {
    let bytes = stream_of(
        r#"
        75 72 00 02 "[I"             # array of a new class [I
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        02 00 00 78 70               #   serializable, no fields, no super class
        00 00 00 02                  # elements = 2
        00 00 00 01 ff ff ff ff      #   1 and -1
        "#,
    );
    let stream = read(&bytes);
    let expected = JavaElements::Primitive(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(array(&stream).elements, expected);
}

#[test]
fn an_enum_constant_is_its_name() {
    let bytes = stream_of(
        r#"
        7e 72 00 01 "E"              # enum constant of a new class E
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        12 00 00 78                  #   enum, no fields
        72 00 0e "java.lang.Enum"    #   super class
        00 00 00 00 00 00 00 00      #     serialVersionUID = 0
        12 00 00 78 70               #     enum, no fields, no super class
        74 00 03 "TWO"               # constant = "TWO"
        "#,
    );
    let stream = read(&bytes);
    let constant = stream
        .enum_constant(stream.root())
        .expect("an enum constant");
    assert_eq!(constant.to_str(), "TWO");
    assert!(matches!(
        stream.item(stream.root()),
        Some(JavaItem::Enum(_))
    ));
}

#[test]
fn classes_are_values_as_objects_and_as_descriptors() {
    let as_object = stream_of(&format!("76 {}", CLASS_A.trim_start()));
    let stream = read(&as_object);
    assert!(matches!(
        stream.item(stream.root()),
        Some(JavaItem::ClassObject(Some(_)))
    ));

    let as_descriptor = stream_of(CLASS_A);
    let stream = read(&as_descriptor);
    assert!(matches!(stream.item(stream.root()), Some(JavaItem::Class(class)) if class.flags == 2));
}

#[test]
fn proxy_classes_are_read() {
    let bytes = stream_of(
        r#"
        73 7d                        # object of a new proxy class
        00 00 00 02                  #   interfaces = 2
        00 01 "I" 00 01 "J"          #     I, J
        78                           #   no annotations
        72 00 01 "A"                 #   super class A
        00 00 00 00 00 00 00 07      #     serialVersionUID = 7
        02 00 01 "I" 00 01 "n"       #     serializable, int n
        78 70                        #     no annotations, no super class
        00 00 00 09                  # A.n = 9
        "#,
    );
    let stream = read(&bytes);
    let object = object(&stream, stream.root());
    assert_eq!(stream.class_name(object).expect("a name").to_str(), "");
    assert_eq!(object.field("n"), Some(JavaValue::Int(9)));
}

#[test]
fn what_write_methods_add_is_skipped_and_numbered() {
    let bytes = stream_of(
        r#"
        73 72 00 01 "W"              # object of a new class, 0
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        03 00 02                     #   serializable with writeObject, fields = 2
        "I" 00 01 "n"                #     int n
        "L" 00 01 "s"                #     String s
        74 00 12 "Ljava/lang/String;" #    1: its type
        77 02 ff ff                  #   annotation of the class: a block of 2 bytes
        78 70                        #   end of annotations, no super class
                                     # 2: the object
        00 00 00 05                  # n = 5
        70                           # s = null
        77 03 01 02 78               # a block of 3 bytes; its 78 ends nothing
        74 00 01 "y"                 # 3: "y"
        7a 00 00 00 01 00            # a long block of 1 byte
        73 71 00 7e 00 00            # 4: another object of class 0
        00 00 00 06                  #   n = 6
        71 00 7e 00 03               #   s = 3
        78                           #   end of what its writeObject added
        78                           # end of what writeObject added
        "#,
    );
    let stream = read(&bytes);
    let object = object(&stream, stream.root());
    assert_eq!(object.field("n"), Some(JavaValue::Int(5)));
    assert_eq!(object.field("s"), Some(JavaValue::Null));
}

#[test]
fn an_externalizable_object_in_blocks_is_skipped() {
    let bytes = stream_of(
        r#"
        73 72 00 01 "X"              # object of a new class
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        0c 00 00 78 70               #   externalizable, in blocks
        77 01 2a 78                  # one block, end
        "#,
    );
    let stream = read(&bytes);
    assert!(object(&stream, stream.root()).fields.is_empty());
}

#[test]
fn a_reset_starts_the_numbers_again() {
    let bytes = stream_of(
        r#"
        75                           # array
        72 00 13 "[Ljava.lang.Object;" #   0: its class
        00 00 00 00 00 00 00 00 02   #     serialVersionUID = 0, serializable
        00 00 78 70                  #     no fields, no super class
        00 00 00 03                  #   1: the array, elements = 3
        74 00 01 "x"                 #     2: "x"
        79 74 00 01 "y"              #     reset; 0: "y"
        71 00 7e 00 00               #     reference to the new 0
        "#,
    );
    let stream = read(&bytes);
    let JavaElements::Objects(elements) = &array(&stream).elements else {
        panic!("no objects");
    };
    assert_eq!(text(&stream, elements[2]), "y");
    assert_eq!(elements[2], elements[1]);

    let before = refused(
        r#"
        79 79 71 00 7e 00 00         # nothing has a number behind a reset
        "#,
    );
    assert_eq!(before.offset(), 7, "{before}");
}

#[test]
fn anything_but_the_header_of_a_stream_is_refused() {
    for (bytes, offset) in [(&[0xAC, 0xED, 0, 4, 0x70][..], 0), (&[0; 5], 0), (&[], 0)] {
        let error = java_stream::parse(bytes, Limits::default()).expect_err("an error");
        assert_eq!(error.offset(), offset, "{error}");
    }
}

#[test]
fn references_to_nothing_are_refused_where_they_are() {
    for table in [
        "71 00 7e 00 00          # there is no item yet",
        "71 00 7d ff ff          # before the first number",
        "71 ff ff ff ff          # far behind the last",
    ] {
        let error = refused(table);
        assert!(
            matches!(error.kind(), ParseErrorKind::JavaStream(_)),
            "{error}"
        );
        assert!(error.to_string().contains("not there"), "{error}");
        assert_eq!(error.offset(), 5, "{error}");
    }
}

#[test]
fn a_class_cannot_be_its_own_super_class() {
    let error = refused(
        r#"
        73 72 00 01 "A"              # object of a new class A
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        02 00 00 78                  #   serializable, no fields
        71 00 7e 00 00               #   super class = A
        "#,
    );
    assert!(
        error.to_string().contains("cannot be in this place"),
        "{error}"
    );
}

#[test]
fn references_to_items_of_the_wrong_sort_are_refused() {
    let string_as_class = format!(
        "{} 71 00 7e 00 01 # a string",
        r#"75 72 00 01 "[" 00 00 00 00 00 00 00 00 02 00 01 "L" 00 01 "s" 74 00 01 "T" 78"#
    );
    let class_as_constant = r#"
        7e 72 00 01 "E"              # enum constant of a new class E
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        12 00 00 78 70               #   enum, no fields, no super class
        71 00 7e 00 00               # constant = the class
        "#;
    let object_without_class = "73 70";
    let class_that_is_a_string = r#"73 74 00 01 "A""#;
    let constant_that_is_null = r#"
        7e 72 00 01 "E" 00 00 00 00 00 00 00 00 12 00 00 78 70
        70                           # constant = null
        "#;
    for table in [
        &*string_as_class,
        class_as_constant,
        object_without_class,
        class_that_is_a_string,
        constant_that_is_null,
    ] {
        let error = refused(table);
        assert!(
            error.to_string().contains("cannot be in this place"),
            "{table}: {error}"
        );
    }
}

#[test]
fn tags_that_are_no_values_are_refused() {
    for (table, says) in [
        (
            "77 00              # a block outside of annotations",
            "cannot be in this place",
        ),
        (
            "7a 00 00 00 00     # a long block outside of annotations",
            "cannot be in this place",
        ),
        (
            "78                 # an end of nothing",
            "cannot be in this place",
        ),
        (
            "7b                 # an exception while writing",
            "cannot be in this place",
        ),
        (
            "6f                 # before the first tag",
            "unknown tag 111",
        ),
        (
            "7f                 # behind the last tag",
            "unknown tag 127",
        ),
    ] {
        let error = refused(table);
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.offset(), 4, "{error}");
    }
}

#[test]
fn an_externalizable_object_in_the_old_form_is_refused() {
    let error = refused(
        r#"
        73 72 00 01 "X"              # object of a new class
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        04 00 00 78 70               #   externalizable, not in blocks
        2a                           # what only the class can read
        "#,
    );
    assert!(error.to_string().contains("Externalizable"), "{error}");
}

#[test]
fn types_of_fields_that_do_not_exist_are_refused() {
    let error = refused(
        r#"
        72 00 01 "A"                 # class
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        02 00 01                     #   serializable, fields = 1
        "X" 00 01 "n"                #   no such type
        "#,
    );
    assert_eq!(error.kind(), &ParseErrorKind::UnknownTag { tag: b'X' });
}

#[test]
fn strings_that_are_no_java_strings_are_refused() {
    for table in [
        "74 00 01 ff                          # string",
        "7c 00 00 00 00 00 00 00 01 ff        # long string",
        "74 00 04 f0 9f 98 80                 # a character in UTF-8, not in Java's",
    ] {
        assert_eq!(
            refused(table).kind(),
            &ParseErrorKind::InvalidString,
            "{table}"
        );
    }
}

#[test]
fn lengths_that_lie_are_refused_before_anything_is_allocated() {
    let array = r#"75 72 00 02 "[J" 00 00 00 00 00 00 00 00 02 00 00 78 70"#;
    let too_many = refused(&format!("{array} 7f ff ff ff"));
    assert!(
        matches!(too_many.kind(), ParseErrorKind::CountTooLarge { .. }),
        "{too_many}"
    );
    let negative = refused(&format!("{array} ff ff ff ff"));
    assert_eq!(negative.kind(), &ParseErrorKind::NegativeCount(-1));
    for length in ["7f ff ff ff ff ff ff ff", "ff ff ff ff ff ff ff ff"] {
        let error = refused(&format!("7c {length}"));
        assert!(
            matches!(error.kind(), ParseErrorKind::Truncated { .. }),
            "{error}"
        );
    }
}

#[test]
fn objects_nested_beyond_the_limit_are_refused() {
    // An array in an array, and so on; the class is described once.
    let first = bytes(
        r#"75 72 00 13 "[Ljava.lang.Object;" 00 00 00 00 00 00 00 00 02 00 00 78 70 00 00 00 01"#,
    );
    let next = bytes("75 71 00 7e 00 00 00 00 00 01");
    let nested = |depth: usize| {
        let arrays = next.repeat(depth - 1);
        [&[0xAC, 0xED, 0, 5][..], &first, &arrays, &[0x70]].concat()
    };
    let limit = Limits::default().java_nesting;
    let refusal = ParseErrorKind::LimitReached {
        what: "Java objects inside each other",
        limit: u64::from(limit),
    };
    let deepest = usize::try_from(limit).expect("a limit") - 1;
    let bytes = nested(deepest);
    java_stream::parse(&bytes, Limits::default()).expect("within the limit");
    for depth in [deepest + 1, 200_000] {
        let bytes = nested(depth);
        let error = java_stream::parse(&bytes, Limits::default()).expect_err("an error");
        assert_eq!(error.kind(), &refusal, "{error}");
    }
    // Classes inside classes, as super classes.
    let class = self::bytes(r#"72 00 01 "A" 00 00 00 00 00 00 00 00 02 00 00 78"#);
    let bomb = [&[0xAC, 0xED, 0, 5, 0x73][..], &class.repeat(200_000)].concat();
    let error = java_stream::parse(&bomb, Limits::default()).expect_err("an error");
    assert_eq!(error.kind(), &refusal, "{error}");
}

#[test]
fn more_objects_than_the_limit_are_refused() {
    let limits = Limits {
        java_objects: 4,
        ..Limits::default()
    };
    let array = |strings: u8| {
        let head = r#"75 72 00 13 "[Ljava.lang.Object;" 00 00 00 00 00 00 00 00 02 00 00 78 70"#;
        let strings_table = r#" 74 00 01 "x""#.repeat(usize::from(strings));
        stream_of(&format!("{head} 00 00 00 {strings:02x}{strings_table}"))
    };
    // The class, the array, and as many strings.
    java_stream::parse(&array(2), limits).expect("four objects");
    let bytes = array(3);
    let error = java_stream::parse(&bytes, limits).expect_err("an error");
    let refusal = ParseErrorKind::LimitReached {
        what: "objects in a Java object stream",
        limit: 4,
    };
    assert_eq!(error.kind(), &refusal, "{error}");
}

#[test]
fn objects_of_a_long_chain_of_classes_take_no_quadratic_time() {
    const CHAIN: u32 = 30_000;
    let head = r#"75 72 00 01 "[" 00 00 00 00 00 00 00 00 02 00 00 78 70 00 00 ea 60"#;
    let mut bytes = stream_of(head);
    // Items 0 and 1 are the array and its class; each class extends the one before.
    let class = self::bytes(r#"72 00 01 "A" 00 00 00 00 00 00 00 00 00 00 00 78"#);
    bytes.extend([&class[..], &[0x70]].concat());
    for item in 2..CHAIN + 1 {
        bytes.extend(&class);
        bytes.push(0x71);
        bytes.extend((0x7E_0000 + item).to_be_bytes());
    }
    for _ in 0..CHAIN {
        bytes.extend([0x73, 0x71]);
        bytes.extend((0x7E_0000 + CHAIN + 1).to_be_bytes());
    }
    let start = std::time::Instant::now();
    // Whether it is read or refused does not matter.
    let read = java_stream::parse(&bytes, Limits::default()).is_ok();
    let seconds = start.elapsed().as_secs();
    assert!(
        seconds < 5,
        "{} bytes took {seconds} seconds; read: {read}",
        bytes.len()
    );
}
