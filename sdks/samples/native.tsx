// The one sample of the documents that is written for a phone.
import { useStytchB2BClient } from '@stytch/react-native/b2b';
import { Text, TouchableOpacity, View } from 'react-native';

export const UpdateOidcOnPhone = ({ connection_id = 'oidc-connection-test-b6c714c2-7413-4b92-a0f1-97aa1085aeff' }) => {
  const stytch = useStytchB2BClient();
  const update = () =>
    void stytch.sso.oidc.updateConnection({
      connection_id,
      client_id: 's6BhdRkqt3',
      client_secret: 'SeiGwdj5lKkrEVgcEY3QNJXt6srxS3IK2Nwkar6mXD4=',
    });
  return (
    <View>
      <TouchableOpacity onPress={update}>
        <Text>Update OIDC Connection</Text>
      </TouchableOpacity>
    </View>
  );
};
