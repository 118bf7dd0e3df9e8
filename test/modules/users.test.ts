import { authorized_key } from '../../modules/users/authorized_key.ts';
import { group } from '../../modules/users/group.ts';
import { user } from '../../modules/users/user.ts';
import { runCases } from '../cases/driver.ts';

runCases(group);
runCases(user);
runCases(authorized_key);
