"""What `kaochang demo` prints to begin with."""

from app.commands.demo import windows


def test_a_candidate_a_proctor_of_their_room_and_an_officer_can_be_played_at_once() -> None:
    content = {
        "address": "http://127.0.0.1:8000",
        "staff": [
            {"role": "officer", "username": "officer", "password": "o"},
            {"role": "proctor", "username": "proctor", "password": "p"},
            {"role": "proctor", "username": "proctor2", "password": "q"},
        ],
        "candidates": [{"ticket_number": "270000100015", "id_number": "1", "name": "李明", "room": "第一考场"}],
        "rooms": [{"id": "2", "name": "第二考场"}, {"id": "1", "name": "第一考场"}],
    }
    assert [(address, login) for _, address, login in windows(content)] == [
        ("http://127.0.0.1:8000/", "270000100015  1"),
        ("http://127.0.0.1:8000/staff/rooms/1", "proctor  p"),
        ("http://127.0.0.1:8000/staff", "officer  o"),
    ]
